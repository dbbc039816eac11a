using System.Globalization;
using System.Net;
using System.Text;

namespace Elysium.WireGuard;

/// <summary>Writes wg-quick files: fields in the order of <c>wg-quick save</c>, then of <c>wg showconf</c>.</summary>
internal static class QuickWriter
{
    public static string Write(QuickConfig config)
    {
        var text = new StringBuilder(256 + (config.Peers.Count * 160));
        text.Append("[Interface]\n");
        Lines(text, "Address", config.Addresses.Select(address => address.ToString()));
        Lines(text, "DNS", config.DnsServers.Select(server => server.ToString()));
        Lines(text, "DNS", config.SearchDomains.Select(Domain));
        Line(text, "MTU", config.Mtu is { } mtu ? Number("MTU", mtu, QuickValue.LeastMtu) : null);
        Line(text, "Table", config.Table == QuickTable.Auto ? null : config.Table.ToString());
        Line(text, "SaveConfig", config.SaveConfig ? "true" : null);
        Lines(text, "PreUp", config.PreUp.Select(Command));
        Lines(text, "PostUp", config.PostUp.Select(Command));
        Lines(text, "PreDown", config.PreDown.Select(Command));
        Lines(text, "PostDown", config.PostDown.Select(Command));
        Line(text, "ListenPort", config.ListenPort == 0 ? null : Number("ListenPort", config.ListenPort, 0));
        Line(text, "FwMark", config.FirewallMark == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"0x{config.FirewallMark:x}"));
        Line(text, "PrivateKey", config.PrivateKey?.ToBase64());

        var written = new HashSet<PublicKey>(config.Peers.Count);
        foreach (var peer in config.Peers)
        {
            if (peer.PublicKey == default || !written.Add(peer.PublicKey))
            {
                throw new InvalidOperationException(peer.PublicKey == default ? "A peer has no public key." : $"The peer {peer.PublicKey} is named twice.");
            }

            text.Append("\n[Peer]\n");
            Line(text, "PublicKey", peer.PublicKey.ToString());
            Line(text, "PresharedKey", peer.PresharedKey is { } key && !key.Equals(PresharedKey.None) ? key.ToBase64() : null);
            Line(text, "AllowedIPs", peer.AllowedIps.Count == 0 ? null : string.Join(", ", peer.AllowedIps));
            Line(text, "Endpoint", peer.Endpoint is { } endpoint ? Endpoint(endpoint) : null);
            Line(text, "PersistentKeepalive", peer.PersistentKeepalive == 0 ? null : Number("PersistentKeepalive", peer.PersistentKeepalive, 0));
        }

        return text.ToString();
    }

    private static void Lines(StringBuilder text, string key, IEnumerable<string> values)
    {
        foreach (var value in values)
        {
            Line(text, key, value);
        }
    }

    private static void Line(StringBuilder text, string key, string? value)
    {
        if (value is not null)
        {
            text.Append(key).Append(" = ").Append(value).Append('\n');
        }
    }

    private static string Number(string key, int number, int least) => number >= least && number <= ushort.MaxValue
        ? number.ToString(CultureInfo.InvariantCulture)
        : throw new InvalidOperationException($"{key} is {number}; it must be {least} to {ushort.MaxValue}.");

    // What reads differently from what was given would be worse than an error: with a line break, a command could be any other line.
    private static string Command(string command) => command.Length > 0 && !command.AsSpan().ContainsAny('\n', '\0') && command.AsSpan().Trim(QuickText.Space).Length == command.Length
        ? command
        : throw new InvalidOperationException($"The command {QuickText.Show(command)} is empty, begins or ends with a space, or has a line break.");

    private static string Domain(string domain) => QuickValue.IsSearchDomain(domain)
        ? domain
        : throw new InvalidOperationException($"The search domain {QuickText.Show(domain)} is no name of a domain.");

    private static string Endpoint(EndPoint endpoint)
    {
        var text = endpoint switch
        {
            IPEndPoint address => address.ToString(),
            DnsEndPoint { Host: var host, Port: var port } => string.Create(CultureInfo.InvariantCulture, $"{(host.Contains(':') ? $"[{host}]" : host)}:{port}"),
            _ => "",
        };
        return QuickValue.TryEndpoint(text, out _) ? text : throw new InvalidOperationException($"The endpoint {QuickText.Show(text)} is no ADDRESS:PORT or NAME:PORT.");
    }
}
