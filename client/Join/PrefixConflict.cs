using System.Net.Sockets;
using Elysium.Client.State;

namespace Elysium.Client.Join;

/// <summary>Whether this machine could tell a network's prefixes from what it reaches otherwise.</summary>
internal static class PrefixConflict
{
    /// <summary>What is in the way of the network, as a sentence; null: nothing.</summary>
    public static string? Find(NetworkMap map, string interfaceName, IReadOnlyList<NetworkState> joined)
    {
        using var netlink = RouteNetlink.Open();
        var links = netlink.GetLinks().ToDictionary(static l => l.Index, static l => l.Name);
        var routes = netlink.GetRoutes(AddressFamily.InterNetwork).Concat(netlink.GetRoutes(AddressFamily.InterNetworkV6))
            .Select(r => (r.Destination, Link: r.LinkIndex is { } index ? links.GetValueOrDefault(index) : null))
            .Where(r => r.Link != interfaceName);
        var networks = joined
            .Where(n => n.Record.Id != map.Network.Id && n.ReadRevocation() is null)
            .SelectMany(static n => PrefixesOf(n.ReadMap()?.Map.Network).Select(p => (p, n.Record.Name)));
        return Find(PrefixesOf(map.Network), routes, networks);
    }

    /// <summary>
    /// A network that this machine is in must not share an address with another. A route is in the way when it is as specific as the prefix or more
    /// so: the kernel would follow it instead. A wider one (a default route, a site's 10.0.0.0/8) keeps what is not the network's. Pure.
    /// </summary>
    public static string? Find(
        IReadOnlyList<IpPrefix> prefixes,
        IEnumerable<(IpPrefix Destination, string? Link)> routes,
        IEnumerable<(IpPrefix Prefix, string Network)> networks)
    {
        foreach (var (other, name) in networks)
        {
            foreach (var prefix in prefixes.Where(p => p.Overlaps(other)))
            {
                return $"{prefix} overlaps {other} of the network {name}, which this machine is in";
            }
        }

        foreach (var (destination, link) in routes)
        {
            foreach (var prefix in prefixes.Where(p => p.Contains(destination)))
            {
                return $"{prefix} overlaps the route {destination} over {link ?? "no link"} of this machine";
            }
        }

        return null;
    }

    public static IReadOnlyList<IpPrefix> PrefixesOf(MapNetwork? network)
    {
        var prefixes = new List<IpPrefix>();
        foreach (var text in new[] { network?.Prefix, network?.Prefix6 })
        {
            if (IpPrefix.TryParse(text, out var prefix))
            {
                prefixes.Add(prefix);
            }
        }

        return prefixes;
    }
}
