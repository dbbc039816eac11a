using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;

namespace Elysium.WireGuard;

/// <summary>
/// Reads wg-quick files. A file has two readers: <c>wg-quick</c> takes the keys that it knows out of <c>[Interface]</c>, and <c>wg</c> gets
/// the other lines, of which it first removes every space. One pass, no recursion, nothing sized by a number in the text.
/// </summary>
internal static class QuickReader
{
    private const string Numbers = "0 to 65535";
    private const string KeyForm = "a key is 32 bytes in base64, 44 characters";

    public static bool TryRead(
        ReadOnlySpan<char> text,
        [NotNullWhen(true)] out QuickConfig? config,
        [NotNullWhen(false)] out TextError? error)
    {
        config = null;
        var reading = new Reading();
        text = text.StartsWith('\uFEFF') ? text[1..] : text;
        var number = 0;
        while (!text.IsEmpty)
        {
            var end = text.IndexOf('\n');
            var line = end < 0 ? text : text[..end];
            text = end < 0 ? [] : text[(end + 1)..];
            number++;
            if (reading.Take(line, number, out error) is { } problem)
            {
                error = new TextError(number, problem);
            }

            if (error is not null)
            {
                return false;
            }
        }

        error = reading.FinishPeer();
        config = error is null ? reading.Finish() : null;
        return config is not null;
    }

    private enum Section
    {
        None,
        Interface,
        Peer,
    }

    /// <summary>What was read so far; each method that takes something says what is wrong with it, or null.</summary>
    private sealed class Reading
    {
        private readonly List<QuickAddress> _addresses = [];
        private readonly List<IPAddress> _dnsServers = [];
        private readonly List<string> _searchDomains = [];
        private readonly List<string> _preUp = [];
        private readonly List<string> _postUp = [];
        private readonly List<string> _preDown = [];
        private readonly List<string> _postDown = [];
        private readonly List<QuickPeer> _peers = [];
        private readonly Dictionary<PublicKey, int> _lines = [];
        private QuickConfig _config = new();
        private Section _section;
        private char[] _buffer = new char[256];

        // The peer whose lines come now, and where it began.
        private int _peerLine;
        private int _keyLine;
        private PublicKey _peerKey;
        private QuickPeer _peer = new(default(PublicKey));
        private List<IpPrefix> _allowedIps = [];

        /// <summary>Takes a line; the error is one of an earlier line that only this one brings out.</summary>
        public string? Take(ReadOnlySpan<char> line, int number, out TextError? earlier)
        {
            earlier = null;
            if (line.Contains('\0'))
            {
                return "A NUL byte stands in it; the file must be text.";
            }

            var comment = line.IndexOf(QuickText.Comment);
            var stripped = comment < 0 ? line : line[..comment];
            var compact = Compact(stripped);
            if (compact.IsEmpty)
            {
                return null;
            }

            var equals = compact.IndexOf('=');
            if (compact[0] == '[' || equals < 0)
            {
                earlier = FinishPeer();
                return earlier is null ? Enter(compact, number) : null;
            }

            if (_section == Section.Interface)
            {
                var start = stripped.IndexOf('=') + 1;
                var key = stripped[..(start - 1)].Trim(QuickText.Space);
                var value = stripped[start..].Trim(QuickText.Space);
                return TakeQuick(key, value, line[start..].Trim(QuickText.Space), out var problem)
                    ? problem
                    : TakeDevice(compact[..equals], compact[(equals + 1)..]);
            }

            return _section == Section.Peer
                ? TakePeer(compact[..equals], compact[(equals + 1)..], number)
                : "It stands before the first section; [Interface] or [Peer] must come first.";
        }

        public TextError? FinishPeer()
        {
            if (_section != Section.Peer)
            {
                return null;
            }

            if (_keyLine == 0)
            {
                return new TextError(_peerLine, "This [Peer] has no PublicKey; every peer needs one.");
            }

            if (!_lines.TryAdd(_peerKey, _keyLine))
            {
                return new TextError(_keyLine, $"The peer {_peerKey} stands in line {_lines[_peerKey]} already; a peer has one [Peer].");
            }

            _peers.Add(_peer with { PublicKey = _peerKey, AllowedIps = _allowedIps });
            return null;
        }

        public QuickConfig Finish() => _config with
        {
            Addresses = _addresses,
            DnsServers = _dnsServers,
            SearchDomains = _searchDomains,
            PreUp = _preUp,
            PostUp = _postUp,
            PreDown = _preDown,
            PostDown = _postDown,
            Peers = _peers,
        };

        private string? Enter(ReadOnlySpan<char> section, int number)
        {
            if (Ascii.EqualsIgnoreCase(section, "[Interface]"))
            {
                _section = Section.Interface;
                return null;
            }

            if (!Ascii.EqualsIgnoreCase(section, "[Peer]"))
            {
                return $"{QuickText.Show(section)} is no line of such a file: [Interface], [Peer], KEY = VALUE or # and a comment.";
            }

            _section = Section.Peer;
            (_peerLine, _keyLine, _peer, _allowedIps) = (number, 0, new QuickPeer(default(PublicKey)), []);
            return null;
        }

        // What wg-quick takes for itself. False: it is for wg.
        private bool TakeQuick(ReadOnlySpan<char> key, ReadOnlySpan<char> value, ReadOnlySpan<char> withComment, out string? problem)
        {
            problem = null;
            Span<char> lower = stackalloc char[16];
            switch (Lower(key, lower))
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

        private string? TakeDevice(ReadOnlySpan<char> key, ReadOnlySpan<char> value)
        {
            Span<char> lower = stackalloc char[16];
            switch (Lower(key, lower))
            {
                case "privatekey":
                    if (!TryKey(value, out var isZero, out PrivateKey? privateKey, PrivateKey.TryParse))
                    {
                        return $"PrivateKey has {value.Length} characters that are no key; {KeyForm}.";
                    }

                    _config = _config with { PrivateKey = isZero ? null : privateKey };
                    return null;
                case "listenport":
                    var isPort = QuickValue.TryNumber(value, ushort.MaxValue, out var port);
                    _config = _config with { ListenPort = (int)port };
                    return isPort ? null : $"ListenPort is {QuickText.Show(value)}; it must be {Numbers}.";
                case "fwmark":
                    uint mark = 0;
                    var isMark = Ascii.EqualsIgnoreCase(value, "off") || QuickValue.TryHexOrNumber(value, out mark);
                    _config = _config with { FirewallMark = mark };
                    return isMark ? null : $"FwMark is {QuickText.Show(value)}; it must be off, 0 to {uint.MaxValue}, or 0x and up to 8 hex digits.";
                default:
                    return Unknown(
                        key,
                        "[Interface]",
                        "PrivateKey, ListenPort, FwMark, Address, DNS, MTU, Table, PreUp, PostUp, PreDown, PostDown, SaveConfig");
            }
        }

        private string? TakePeer(ReadOnlySpan<char> key, ReadOnlySpan<char> value, int number)
        {
            Span<char> lower = stackalloc char[32];
            switch (Lower(key, lower))
            {
                case "publickey":
                    _keyLine = number;
                    return PublicKey.TryParse(value, out _peerKey)
                        ? null
                        : $"PublicKey has {value.Length} characters that are no key; {KeyForm}, not all zero.";
                case "presharedkey":
                    if (!TryKey(value, out var isZero, out PresharedKey? presharedKey, PresharedKey.TryParse))
                    {
                        return $"PresharedKey has {value.Length} characters that are no key; {KeyForm}.";
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
                    return isKeepalive ? null : $"PersistentKeepalive is {QuickText.Show(value)}; it must be off or {Numbers} seconds.";
                default:
                    return Unknown(key, "[Peer]", "PublicKey, PresharedKey, AllowedIPs, Endpoint, PersistentKeepalive");
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

        private delegate bool KeyParser<TKey>(ReadOnlySpan<char> base64, [NotNullWhen(true)] out TKey? key)
            where TKey : class;

        // All zero is 'none' for wg; our key types have no such key.
        private static bool TryKey<TKey>(ReadOnlySpan<char> value, out bool isZero, out TKey? key, KeyParser<TKey> parse)
            where TKey : class
        {
            isZero = value.Length == KeyText.Base64Characters && value[^1] == '=' && !value[..^1].ContainsAnyExcept('A');
            return parse(value, out key) || isZero;
        }

        // Somebody may have pasted a key there: only what looks like a word is shown.
        private static string Unknown(ReadOnlySpan<char> key, string section, string known) =>
            $"{(key.Length <= 19 ? QuickText.Show(key) : "This")} is no key of {section}; known are {known}.";

        private static ReadOnlySpan<char> Lower(ReadOnlySpan<char> key, Span<char> lower) =>
            key.Length <= lower.Length && Ascii.ToLower(key, lower, out var written) == OperationStatus.Done ? lower[..written] : [];

        private ReadOnlySpan<char> Compact(ReadOnlySpan<char> line)
        {
            if (_buffer.Length < line.Length)
            {
                _buffer = new char[line.Length];
            }

            var length = 0;
            foreach (var c in line)
            {
                if (!QuickText.Space.Contains(c))
                {
                    _buffer[length++] = c;
                }
            }

            return _buffer.AsSpan(0, length);
        }
    }
}
