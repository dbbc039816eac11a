using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Elysium.WireGuard;

/// <summary>Reads what <c>wg show … dump</c> prints. One pass, no recursion, nothing sized by a number in the text.</summary>
internal static class ShowDumpReader
{
    private const string None = "(none)";
    private const int DeviceFields = 4;
    private const int PeerFields = 8;

    /// <summary>Reads the lines of one device, whose name is given, or of any number, which begin with their names.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, string? name, out List<Device> devices, [NotNullWhen(false)] out TextError? error)
    {
        var reading = new Reading(name);
        devices = reading.Devices;
        for (var line = 1; !text.IsEmpty; line++)
        {
            var end = text.IndexOf('\n');
            if (reading.Take((end < 0 ? text : text[..end]).TrimEnd('\r')) is { } problem)
            {
                error = new TextError(line, problem);
                return false;
            }

            text = end < 0 ? [] : text[(end + 1)..];
        }

        error = null;
        return true;
    }

    /// <summary>What was read so far; each method that takes something says what is wrong with it, or null.</summary>
    private sealed class Reading(string? name)
    {
        private readonly HashSet<string> _names = [];
        private readonly HashSet<PublicKey> _keys = [];
        private List<Peer> _peers = [];

        public List<Device> Devices { get; } = [];

        public string? Take(ReadOnlySpan<char> line)
        {
            var owner = name.AsSpan();
            if (name is null)
            {
                var tab = line.IndexOf('\t');
                owner = tab < 0 ? line : line[..tab];
                line = tab < 0 ? [] : line[(tab + 1)..];
                if (owner.IsEmpty || owner.Contains(' '))
                {
                    return "It does not begin with the name of an interface.";
                }
            }

            Span<Range> fields = stackalloc Range[PeerFields + 1];
            return line.Split(fields, '\t') switch
            {
                DeviceFields => TakeDevice(owner, line, fields),
                PeerFields => TakePeer(owner, line, fields),
                var count => $"It has {(count > PeerFields ? "too many" : count.ToString(CultureInfo.InvariantCulture))} fields; a device has {DeviceFields} and a peer {PeerFields}.",
            };
        }

        private string? TakeDevice(ReadOnlySpan<char> owner, ReadOnlySpan<char> line, ReadOnlySpan<Range> fields)
        {
            var key = line[fields[0]];
            var publicKey = line[fields[1]];
            var port = line[fields[2]];
            var mark = line[fields[3]];
            PrivateKey? privateKey = null;
            if (key is not None && !PrivateKey.TryParse(key, out privateKey))
            {
                return "The private key is neither (none) nor a key.";
            }

            if (publicKey is not None && !PublicKey.TryParse(publicKey, out _))
            {
                return "The public key is neither (none) nor a key.";
            }

            if (!QuickValue.TryNumber(port, ushort.MaxValue, out var listenPort))
            {
                return $"The port is {QuickText.Show(port)}; it must be 0 to 65535.";
            }

            uint firewallMark = 0;
            if (mark is not "off" && !QuickValue.TryHexOrNumber(mark, out firewallMark))
            {
                return $"The mark is {QuickText.Show(mark)}; it must be off or 0x and up to 8 hex digits.";
            }

            if (!_names.Add(owner.ToString()))
            {
                return name is null ? $"The device {QuickText.Show(owner)} is there already." : "It is a second device; there is one.";
            }

            _keys.Clear();
            _peers = [];
            Devices.Add(new Device(owner.ToString(), privateKey, (int)listenPort, firewallMark, _peers));
            return null;
        }

        private string? TakePeer(ReadOnlySpan<char> owner, ReadOnlySpan<char> line, ReadOnlySpan<Range> fields)
        {
            if (Devices.Count == 0 || !owner.SequenceEqual(Devices[^1].Name))
            {
                return "It is a peer, and the line of its device does not stand before it.";
            }

            if (!PublicKey.TryParse(line[fields[0]], out var key))
            {
                return "The public key is no key.";
            }

            PresharedKey? presharedKey = null;
            if (line[fields[1]] is not None && !PresharedKey.TryParse(line[fields[1]], out presharedKey))
            {
                return "The preshared key is neither (none) nor a key.";
            }

            var where = line[fields[2]];
            IPEndPoint? endpoint = null;
            if (where is not None && !TryEndpoint(where, out endpoint))
            {
                return $"The endpoint is {QuickText.Show(where)}; it must be (none), ADDRESS:PORT or [ADDRESS]:PORT.";
            }

            if (!TryAllowedIps(line[fields[3]], out var allowedIps, out var wrong))
            {
                return $"The allowed IPs have {QuickText.Show(wrong)}; they must be (none) or prefixes separated by commas.";
            }

            var latest = DateTimeOffset.MaxValue.ToUnixTimeSeconds();
            if (!TryCount(line[fields[4]], out var handshake) || handshake > latest
                || !TryCount(line[fields[5]], out var received)
                || !TryCount(line[fields[6]], out var sent))
            {
                return "The last handshake, the bytes received and the bytes sent must be numbers.";
            }

            uint keepalive = 0;
            if (line[fields[7]] is not "off" && !QuickValue.TryNumber(line[fields[7]], ushort.MaxValue, out keepalive))
            {
                return $"The keepalive is {QuickText.Show(line[fields[7]])}; it must be off or 0 to 65535.";
            }

            if (!_keys.Add(key))
            {
                return $"The peer {key} is there already.";
            }

            _peers.Add(new Peer(
                key,
                presharedKey,
                endpoint,
                (ushort)keepalive,
                handshake == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(handshake),
                received,
                sent,
                allowedIps));
            return null;
        }

        private static bool TryEndpoint(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPEndPoint? endpoint)
        {
            _ = QuickValue.TryEndpoint(text, out var read, isTold: true);
            endpoint = read switch
            {
                IPEndPoint address => address,

                // The name of a zone is one that only its own machine can number.
                DnsEndPoint name when name.Host.IndexOf('%') is > 0 and var zone => new IPEndPoint(IPAddress.Parse(name.Host.AsSpan(0, zone)), name.Port),
                _ => null,
            };
            return endpoint is not null;
        }

        private static bool TryAllowedIps(ReadOnlySpan<char> text, out List<IpPrefix> allowedIps, out ReadOnlySpan<char> wrong)
        {
            allowedIps = [];
            wrong = [];
            if (text is None)
            {
                return true;
            }

            foreach (var part in text.Split(','))
            {
                if (!IpPrefix.TryParse(text[part], out var prefix))
                {
                    wrong = text[part];
                    return false;
                }

                allowedIps.Add(prefix);
            }

            return true;
        }

        private static bool TryCount(ReadOnlySpan<char> text, out long count) =>
            long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count);
    }
}
