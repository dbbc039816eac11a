using System.Net.Sockets;
using Elysium.Linux;
using Elysium.WireGuard;

namespace Elysium.Backend.Hub;

/// <summary>What is already there on the hub's machine: a network must not take another's interface name or routes.</summary>
internal static class HubMachine
{
    /// <param name="own">Interfaces of ours, whose routes are in nobody's way: one of a network that is gone may stand for a moment more.</param>
    public static HubView Look(IReadOnlyCollection<string> own)
    {
        using var netlink = RouteNetlink.Open();
        var links = netlink.GetLinks();
        var names = links.ToDictionary(l => l.Index, l => l.Name);
        return new HubView(
            links.Select(l => l.Name).ToHashSet(),
            [.. netlink.GetRoutes(AddressFamily.InterNetwork).Concat(netlink.GetRoutes(AddressFamily.InterNetworkV6)).Select(r => new HubRoute(r.Destination, r.LinkIndex is { } index ? names.GetValueOrDefault(index) : null)).Where(r => r.Interface is null || !own.Contains(r.Interface))]);
    }
}

/// <summary>Names of links, and routes of the main table, both families.</summary>
internal sealed record HubView(IReadOnlySet<string> Links, IReadOnlyList<HubRoute> Routes);

/// <summary>A route: where to, and over which link.</summary>
internal sealed record HubRoute(IpPrefix Destination, string? Interface)
{
    public override string ToString() => $"{Destination} over {Interface ?? "no interface"}";
}
