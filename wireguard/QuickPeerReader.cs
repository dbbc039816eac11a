using System.Text;

namespace Elysium.WireGuard;

/// <summary>The fields of one <c>[Peer]</c> that were read so far.</summary>
/// <param name="line">Where it begins.</param>
internal sealed class QuickPeerReader(int line)
{
    private readonly List<IpPrefix> _allowedIps = [];
    private QuickPeer _peer = new(default(PublicKey));
    private PublicKey _key;

    /// <summary>Where it begins.</summary>
    public int Line => line;

    /// <summary>Where its key stands; 0 is nowhere.</summary>
    public int KeyLine { get; private set; }

    public QuickPeer Finish() => _peer with { PublicKey = _key, AllowedIps = _allowedIps };

    /// <summary>Takes a line, without its spaces; says what is wrong with it, or null.</summary>
    public string? Take(ReadOnlySpan<char> key, ReadOnlySpan<char> value, int number)
    {
        Span<char> lower = stackalloc char[32];
        switch (QuickField.Lower(key, lower))
        {
            case "publickey":
                KeyLine = number;
                return PublicKey.TryParse(value, out _key)
                    ? null
                    : $"PublicKey has {value.Length} characters that are no key; {QuickField.KeyForm}, not all zero.";
            case "presharedkey":
                if (!QuickField.TryKey(value, out var isZero, out PresharedKey? presharedKey, PresharedKey.TryParse))
                {
                    return $"PresharedKey has {value.Length} characters that are no key; {QuickField.KeyForm}.";
                }

                _peer = _peer with { PresharedKey = isZero ? null : presharedKey };
                return null;
            case "allowedips":
                return TakeAllowedIps(value);
            case "endpoint":
                if (!QuickValue.TryEndpoint(value, out var endpoint))
                {
                    return $"Endpoint is {QuickText.Show(value)}; it must be ADDRESS:PORT, [ADDRESS]:PORT for IPv6 or NAME:PORT, the port 1 to 65535.";
                }

                _peer = _peer with { Endpoint = endpoint };
                return null;
            case "persistentkeepalive":
                uint seconds = 0;
                var isKeepalive = Ascii.EqualsIgnoreCase(value, "off") || QuickValue.TryNumber(value, ushort.MaxValue, out seconds);
                _peer = _peer with { PersistentKeepalive = (ushort)seconds };
                return isKeepalive ? null : $"PersistentKeepalive is {QuickText.Show(value)}; it must be off or 0 to 65535 seconds.";
            default:
                return QuickField.Unknown(key, "[Peer]", "PublicKey, PresharedKey, AllowedIPs, Endpoint, PersistentKeepalive");
        }
    }

    private string? TakeAllowedIps(ReadOnlySpan<char> value)
    {
        if (value.IsEmpty)
        {
            return null;
        }

        foreach (var part in value.Split(','))
        {
            if (!QuickValue.TryPrefix(value[part], out var prefix))
            {
                return $"AllowedIPs has {QuickText.Show(value[part])}; it must be prefixes such as 10.77.0.0/24 or fd00::/64, separated by commas.";
            }

            _allowedIps.Add(prefix);
        }

        return null;
    }
}
