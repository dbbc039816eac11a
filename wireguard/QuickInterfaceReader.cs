using System.Net;
using System.Text;

namespace Elysium.WireGuard;

/// <summary>The fields of <c>[Interface]</c> that were read so far; each method that takes one says what is wrong with it, or null.</summary>
internal sealed class QuickInterfaceReader
{
    private readonly List<QuickAddress> _addresses = [];
    private readonly List<IPAddress> _dnsServers = [];
    private readonly List<string> _searchDomains = [];
    private readonly List<string> _preUp = [];
    private readonly List<string> _postUp = [];
    private readonly List<string> _preDown = [];
    private readonly List<string> _postDown = [];
    private QuickConfig _config = new();

    public QuickConfig Finish(IReadOnlyList<QuickPeer> peers) => _config with
    {
        Addresses = _addresses,
        DnsServers = _dnsServers,
        SearchDomains = _searchDomains,
        PreUp = _preUp,
        PostUp = _postUp,
        PreDown = _preDown,
        PostDown = _postDown,
        Peers = peers,
    };

    /// <summary>Takes a line that wg-quick takes for itself; false: it is for wg.</summary>
    public bool TakeQuick(ReadOnlySpan<char> key, ReadOnlySpan<char> value, ReadOnlySpan<char> withComment, out string? problem)
    {
        problem = null;
        Span<char> lower = stackalloc char[16];
        switch (QuickField.Lower(key, lower))
        {
            case "address":
                problem = TakeAddresses(value);
                return true;
            case "dns":
                problem = TakeDns(value);
                return true;
            case "mtu":
                uint mtu = 0;
                problem = value.IsEmpty || (QuickValue.TryNumber(value, ushort.MaxValue, out mtu) && mtu >= QuickValue.LeastMtu)
                    ? null
                    : $"MTU is {QuickText.Show(value)}; it must be {QuickValue.LeastMtu} to {ushort.MaxValue}.";
                _config = _config with { Mtu = value.IsEmpty ? null : (int)mtu };
                return true;
            case "table":
                problem = TakeTable(value);
                return true;
            case "saveconfig":
                var save = Ascii.EqualsIgnoreCase(value, "true");
                problem = save || Ascii.EqualsIgnoreCase(value, "false") ? null : $"SaveConfig is {QuickText.Show(value)}; it must be true or false.";
                _config = _config with { SaveConfig = save };
                return true;
            case "preup":
                TakeCommand(_preUp, withComment);
                return true;
            case "postup":
                TakeCommand(_postUp, withComment);
                return true;
            case "predown":
                TakeCommand(_preDown, withComment);
                return true;
            case "postdown":
                TakeCommand(_postDown, withComment);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Takes a line that is for wg, without its spaces.</summary>
    public string? TakeDevice(ReadOnlySpan<char> key, ReadOnlySpan<char> value)
    {
        Span<char> lower = stackalloc char[16];
        switch (QuickField.Lower(key, lower))
        {
            case "privatekey":
                if (!QuickField.TryKey(value, out var isZero, out PrivateKey? privateKey, PrivateKey.TryParse))
                {
                    return $"PrivateKey has {value.Length} characters that are no key; {QuickField.KeyForm}.";
                }

                _config = _config with { PrivateKey = isZero ? null : privateKey };
                return null;
            case "listenport":
                var isPort = QuickValue.TryNumber(value, ushort.MaxValue, out var port);
                _config = _config with { ListenPort = (int)port };
                return isPort ? null : $"ListenPort is {QuickText.Show(value)}; it must be 0 to 65535.";
            case "fwmark":
                uint mark = 0;
                var isMark = Ascii.EqualsIgnoreCase(value, "off") || QuickValue.TryHexOrNumber(value, out mark);
                _config = _config with { FirewallMark = mark };
                return isMark ? null : $"FwMark is {QuickText.Show(value)}; it must be off, 0 to {uint.MaxValue}, or 0x and up to 8 hex digits.";
            default:
                return QuickField.Unknown(
                    key,
                    "[Interface]",
                    "PrivateKey, ListenPort, FwMark, Address, DNS, MTU, Table, PreUp, PostUp, PreDown, PostDown, SaveConfig");
        }
    }

    private string? TakeAddresses(ReadOnlySpan<char> value)
    {
        foreach (var part in value.SplitAny(", \t\v\f\r"))
        {
            if (value[part].IsEmpty)
            {
                continue;
            }

            if (!QuickValue.TryAddressAndLength(value[part], out var address, out var length))
            {
                return $"Address has {QuickText.Show(value[part])}; it must be addresses such as 10.77.0.2/24 or fd00::2/64, separated by commas.";
            }

            _addresses.Add(new QuickAddress(address, length));
        }

        return null;
    }

    private string? TakeDns(ReadOnlySpan<char> value)
    {
        foreach (var part in value.SplitAny(", \t\v\f\r"))
        {
            var server = value[part];
            if (server.IsEmpty)
            {
                continue;
            }

            if (QuickValue.TryAddress(server, out var address))
            {
                _dnsServers.Add(address);
            }
            else if (QuickValue.IsSearchDomain(server))
            {
                _searchDomains.Add(server.ToString());
            }
            else
            {
                return $"DNS has {QuickText.Show(server)}; it must be addresses of servers and names of domains, separated by commas.";
            }
        }

        return null;
    }

    private string? TakeTable(ReadOnlySpan<char> value)
    {
        // The three names that every rt_tables file begins with.
        uint? number = value switch
        {
            "main" => 254,
            "default" => 253,
            "local" => 255,
            _ => QuickValue.TryHexOrNumber(value, out var given) && given != 0 ? given : null,
        };
        var isOff = Ascii.EqualsIgnoreCase(value, "off");
        if (number is null && !isOff && !value.IsEmpty && !Ascii.EqualsIgnoreCase(value, "auto"))
        {
            return $"Table is {QuickText.Show(value)}; it must be off, auto, main, default, local or 1 to {uint.MaxValue}.";
        }

        _config = _config with { Table = number is { } table ? QuickTable.Of(table) : isOff ? QuickTable.Off : QuickTable.Auto };
        return null;
    }

    private static void TakeCommand(List<string> commands, ReadOnlySpan<char> command)
    {
        if (!command.IsEmpty)
        {
            commands.Add(command.ToString());
        }
    }
}
