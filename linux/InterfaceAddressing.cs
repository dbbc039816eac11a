using System.Net.Sockets;
using Elysium.WireGuard;

namespace Elysium.Linux;

/// <summary>The addresses and routes of one interface, as its spec says: what differs is changed, and what belongs to others is left and told.</summary>
internal sealed class InterfaceAddressing(RouteNetlink netlink)
{
    /// <summary>Addresses that are not wanted go, those that are missing come.</summary>
    public void SetAddresses(InterfaceSpec spec, int link, List<string> changes, List<string> problems)
    {
        var wanted = spec.Addresses.ToHashSet();
        var unwanted = AddressesOf(link).Where(address => !wanted.Contains(address)).ToList();
        foreach (var address in unwanted)
        {
            NetlinkException.Unless(Errno.EADDRNOTAVAIL, () => netlink.DeleteAddress(link, address.Address, address.PrefixLength));
            changes.Add($"address {address} removed");
        }

        // With an address the kernel removes others of its network: so only now it is known what is missing.
        foreach (var address in spec.Addresses.Except(AddressesOf(link)))
        {
            try
            {
                NetlinkException.Unless(Errno.EEXIST, () => netlink.AddAddress(link, address.Address, address.PrefixLength));
                changes.Add($"address {address} added");
            }
            catch (NetlinkException exception) when (HasNoIPv6(address.Prefix, exception))
            {
                problems.Add($"IPv6 is switched off on this machine: {spec.Name} goes without {address}.");
            }
        }
    }

    /// <summary>The same for routes, of which only our own go. The link must be up.</summary>
    public void SetRoutes(InterfaceSpec spec, int link, List<string> changes, List<string> problems)
    {
        var actual = netlink.GetRoutes(AddressFamily.InterNetwork, link).Concat(netlink.GetRoutes(AddressFamily.InterNetworkV6, link)).ToList();
        var present = actual.Select(route => route.Destination).ToHashSet();
        foreach (var destination in spec.Routes.Where(destination => !present.Contains(destination)))
        {
            AddRoute(spec.Name, new Route(destination, link), changes, problems);
        }

        var wanted = spec.Routes.ToHashSet();
        foreach (var route in actual.Where(route => route.Protocol == RouteNetlink.OwnProtocol && !wanted.Contains(route.Destination)))
        {
            NetlinkException.Unless(Errno.ESRCH, () => netlink.DeleteRoute(route));
            changes.Add($"route {route.Destination} removed");
        }
    }

    // EACCES: net.ipv6.conf.X.disable_ipv6; EOPNOTSUPP: booted with ipv6.disable=1.
    private static bool HasNoIPv6(IpPrefix prefix, NetlinkException exception) =>
        prefix.IsIPv6 && exception.Errno is Errno.EACCES or Errno.EOPNOTSUPP;

    private List<InterfaceAddress> AddressesOf(int link) =>
        [.. netlink.GetAddresses()
            .Where(address => address.LinkIndex == link && !address.Address.IsIPv6LinkLocal)
            .Select(address => new InterfaceAddress(address.Address, address.PrefixLength))];

    private void AddRoute(string name, Route route, List<string> changes, List<string> problems)
    {
        try
        {
            // The kernel takes a second route of another metric, and then one of the two goes the wrong way.
            var isFree = netlink.GetRoutes(route.Destination.Family).All(other => other.Destination != route.Destination || other.LinkIndex == route.LinkIndex);
            if (isFree && NetlinkException.Unless(Errno.EEXIST, () => netlink.AddRoute(route)))
            {
                changes.Add($"route {route.Destination} added");
            }
            else
            {
                problems.Add($"The route to {route.Destination} belongs to {HolderOf(route.Destination)}: remove it there, or give this network another prefix.");
            }
        }
        catch (NetlinkException exception) when (HasNoIPv6(route.Destination, exception))
        {
            problems.Add($"IPv6 is switched off on this machine: {name} goes without the route to {route.Destination}.");
        }
    }

    private string HolderOf(IpPrefix destination) =>
        netlink.GetRoutes(destination.Family).FirstOrDefault(route => route.Destination == destination)?.LinkIndex is { } holder
            && netlink.GetLinks().FirstOrDefault(link => link.Index == holder) is { } link
                ? $"the link {link.Name}"
                : "another link";
}
