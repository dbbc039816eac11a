using System.Net;
using Elysium.Client.Output;
using Elysium.Client.State;

namespace Elysium.Client.Status;

/// <summary>A machine that a name means.</summary>
internal sealed record NamedAddress(string Network, string Name, IPAddress Address);

/// <summary>From a name to an address, by the maps on disk: works with the backend gone and the agent stopped.</summary>
internal static class PeerLookup
{
    public const string Hub = "hub";

    public static (NamedAddress? Found, CommandError? Error) Find(IReadOnlyList<NetworkState> networks, string name, string? only, bool ipv6)
    {
        var maps = networks.Where(n => only is null || n.Record.Name == only || n.Record.Id.ToString("D") == only).Select(static n => n.ReadMap()?.Map).OfType<NetworkMap>().ToList();
        if (maps.Count == 0)
        {
            return (null, new CommandError(ExitCode.NotJoined, only is null ? StatusCommand.NotJoined : $"This machine is not in a network '{only}'. See 'elysium status'."));
        }

        var found = maps.Select(m => In(m, name, ipv6)).OfType<NamedAddress>().ToList();
        if (ipv6 && found.Count == 0 && maps.Any(m => In(m, name, ipv6: false) is not null))
        {
            return (null, new CommandError(ExitCode.Failed, $"'{name}' has no IPv6 address: its network has no IPv6 prefix."));
        }

        return found switch
        {
            [var one] => (one, null),
            [] when maps.Any(static m => m.Version == 0) => (null, new CommandError(ExitCode.Failed, $"This machine does not know who else is there yet, '{name}' or not: the agent ('elysium run') gets to know it.")),
            [] => (null, new CommandError(ExitCode.Failed, $"No machine is called '{name}'. See 'elysium peers'.")),
            _ => (null, new CommandError(
                ExitCode.Usage,
                $"'{name}' is in several networks ({string.Join(", ", found.Select(static f => f.Network))}). Name one with --network.")),
        };
    }

    private static NamedAddress? In(NetworkMap map, string name, bool ipv6)
    {
        var (address, address6) = name == map.Self.Name ? (map.Self.Address, map.Self.Address6)
            : map.Peers.FirstOrDefault(p => p.Name == name) is { } peer ? (peer.Address, peer.Address6)
            : name == Hub && map.Hubs is [var hub, ..] ? (hub.Address, hub.Address6)
            : default;
        return IPAddress.TryParse(ipv6 ? address6 : address, out var parsed) ? new NamedAddress(map.Network.Name, name, parsed) : null;
    }
}
