using System.CommandLine;
using Elysium.Client.State;

namespace Elysium.Client.Status;

/// <summary><c>elysium peers</c></summary>
internal static class PeersCommand
{
    public static Command Create(Invocation invocation)
    {
        var network = new Option<string?>("--network") { Description = "Only this network.", HelpName = "NETWORK" };
        var json = Commands.JsonOption();
        return Commands.Verb(
            "peers",
            "List the other machines that this one knows.",
            [network, json],
            (parse, _) => Task.FromResult(Run(invocation, parse.GetValue(network), parse.GetValue(json))));
    }

    private static ExitCode Run(Invocation invocation, string? only, bool json)
    {
        var terminal = invocation.Terminal;
        var networks = invocation.State.Networks(terminal.Note);
        if (only is not null)
        {
            networks = invocation.State.Find(only) is { } one ? [one] : [];
        }

        if (networks.Count == 0)
        {
            return terminal.Fail(ExitCode.NotJoined, only is null ? StatusCommand.NotJoined : $"This machine is not in a network '{only}'. See 'elysium status'.");
        }

        var peers = networks.SelectMany(PeersOf).ToArray();
        if (json)
        {
            terminal.Json(peers, ClientJson.Default.KnownPeerArray);
        }
        else
        {
            terminal.Table(
                ["Network", "Name", "Address", "Address6", "Key"],
                [.. peers.Select(static p => new[] { p.Network, p.Name, p.Address, p.Address6 ?? "-", p.WireGuardPublicKey })],
                networks.Any(static n => n.ReadMap()?.Map is not { Version: > 0 }) ? "Not known yet: the agent has no whole map so far." : "No other machines yet.");
        }

        return ExitCode.Ok;
    }

    private static IEnumerable<KnownPeer> PeersOf(NetworkState network) => network.ReadMap()?.Map is { } map
        ? map.Peers.Select(p => new KnownPeer(map.Network.Name, p.Name, p.Address, p.Address6, p.WireGuardPublicKey, p.Tags))
        : [];
}

/// <summary>Another machine, as the last map shows it.</summary>
internal sealed record KnownPeer(string Network, string Name, string Address, string? Address6, string WireGuardPublicKey, IReadOnlyList<string> Tags);
