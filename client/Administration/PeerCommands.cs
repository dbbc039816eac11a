using System.CommandLine;
using Elysium.Client.Output;

namespace Elysium.Client.Administration;

/// <summary><c>elysium peer list|show|revoke</c></summary>
internal static class PeerCommands
{
    public static Command Create(Invocation invocation) => new("peer", "List, show and revoke the machines of a network.")
    {
        List(invocation),
        Show(invocation),
        Revoke(invocation),
    };

    private static string PathOf(string network) => $"{NetworkCommands.PathOf(network)}/peers";

    private static string PathOf(string network, string peer) => $"{PathOf(network)}/{Uri.EscapeDataString(peer)}";

    private static Argument<string> NetworkArgument() => new("NETWORK") { Description = "The network." };

    private static Argument<string> NameArgument() => new("NAME") { Description = "The machine's name in it." };

    private static Command List(Invocation invocation)
    {
        var network = NetworkArgument();
        var json = Commands.JsonOption();
        return AdministrationVerb.Create("list", "List a network's machines.", [network, json], invocation, async (client, parse, cancellation) =>
        {
            var terminal = invocation.Terminal;
            var path = PathOf(parse.GetRequiredValue(network));
            if (!(await client.GetAsync(path, ElysiumJson.Default.ListingPeerResponse, cancellation)).Is(out var peers, out var failure))
            {
                return CommandError.Of(failure).Tell(terminal);
            }

            if (parse.GetValue(json))
            {
                terminal.Json(peers, ElysiumJson.Default.ListingPeerResponse);
                return ExitCode.Ok;
            }

            var now = invocation.Time.GetUtcNow();
            terminal.Table(
                ["Name", "Address", "Address6", "Status", "Agent", "Seen", "Handshake", "Endpoint", "Tags"],
                [.. peers.Items.Select(p => new[]
                {
                    p.Name, p.Address, p.Address6 ?? "-", p.Status, p.Connected ? "connected" : "away", Humane.Ago(p.LastSeenAt, now), Humane.Ago(p.LastHandshakeAt, now),
                    p.Endpoint ?? "-", string.Join(' ', p.Tags),
                })],
                "No machines yet. Make a join code with 'elysium token create NETWORK'.");
            return ExitCode.Ok;
        });
    }

    private static Command Show(Invocation invocation)
    {
        var network = NetworkArgument();
        var name = NameArgument();
        var json = Commands.JsonOption();
        return AdministrationVerb.Create("show", "Show a machine.", [network, name, json], invocation, async (client, parse, cancellation) =>
        {
            var terminal = invocation.Terminal;
            var path = PathOf(parse.GetRequiredValue(network), parse.GetRequiredValue(name));
            if (!(await client.GetAsync(path, ElysiumJson.Default.PeerResponse, cancellation)).Is(out var peer, out var failure))
            {
                return CommandError.Of(failure).Tell(terminal);
            }

            if (parse.GetValue(json))
            {
                terminal.Json(peer, ElysiumJson.Default.PeerResponse);
                return ExitCode.Ok;
            }

            var now = invocation.Time.GetUtcNow();
            terminal.Fields(
                ("name", peer.Name),
                ("address", peer.Address),
                ("address6", peer.Address6 ?? "-"),
                ("key", peer.WireGuardPublicKey),
                ("status", peer.Status),
                ("agent", peer.Connected ? "connected" : $"away, seen {Humane.Ago(peer.LastSeenAt, now)}"),
                ("handshake", Humane.Ago(peer.LastHandshakeAt, now)),
                ("endpoint", peer.Endpoint ?? "-"),
                ("traffic", $"{Humane.Bytes(peer.ReceivedBytes)} received, {Humane.Bytes(peer.SentBytes)} sent by the hub"),
                ("certificate", peer.CertificateExpiresAt is { } end ? $"ends {Humane.Until(end, now)}" : "none"),
                ("ephemeral", peer.Ephemeral ? "yes" : "no"),
                ("tags", string.Join(' ', peer.Tags)),
                ("joined", Humane.Time(peer.CreatedAt)));
            return ExitCode.Ok;
        });
    }

    private static Command Revoke(Invocation invocation)
    {
        var network = NetworkArgument();
        var name = NameArgument();
        var yes = AdministrationVerb.YesOption();
        return AdministrationVerb.Create(
            "revoke",
            "Cut a machine off, at once and for good; it comes back only with a new join code.",
            [network, name, yes],
            invocation,
            async (client, parse, cancellation) =>
            {
                var terminal = invocation.Terminal;
                var (from, peer) = (parse.GetRequiredValue(network), parse.GetRequiredValue(name));
                if (terminal.Ask(parse.GetValue(yes), $"Cut {peer} off from {from}?") is { } no)
                {
                    return no;
                }

                if (!(await client.DeleteAsync(PathOf(from, peer), cancellation)).Is(out _, out var failure))
                {
                    return CommandError.Of(failure).Tell(terminal);
                }

                terminal.Note($"Revoked {peer} of {from}.");
                return ExitCode.Ok;
            });
    }
}
