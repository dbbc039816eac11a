using System.Net;
using System.Net.Sockets;
using Elysium.Linux.Netlink;

namespace Elysium.Linux;

/// <summary>
/// Links, addresses and routes of one network namespace, by rtnetlink (rtnetlink(7)). Stays in the namespace it was opened in,
/// whoever calls it. Any thread may call it; calls go one after the other. Every refusal is a <see cref="NetlinkException"/>.
/// </summary>
public sealed class RouteNetlink : IDisposable
{
    /// <summary>What marks a route as ours (<c>rtm_protocol</c>; linux/rtnetlink.h leaves the numbers above 4 to user space).</summary>
    public const byte OwnProtocol = 225;

    private const int RequestBuffer = 512;

    private readonly NetlinkSocket _socket = new(Nl.NETLINK_ROUTE);

    private RouteNetlink()
    {
    }

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    /// <exception cref="IOException">The system gives none.</exception>
    public static RouteNetlink Open() => new();

    /// <summary>All links.</summary>
    public IReadOnlyList<Link> GetLinks() => _socket.Dump(LinkMessages.List(stackalloc byte[RequestBuffer]), LinkMessages.Decode, "listing links");

    /// <summary>The link of that name; null if there is none.</summary>
    public Link? FindLink(string name) =>
        _socket.Find(LinkMessages.Find(stackalloc byte[RequestBuffer], name), LinkMessages.Decode, $"looking for the link {name}");

    /// <summary>Makes a pair of links, both down: what goes into one comes out of the other.</summary>
    public void CreateVeth(string name, string peerName) =>
        _socket.Execute(LinkMessages.CreateVeth(stackalloc byte[RequestBuffer], name, peerName), $"making the veth pair {name} and {peerName}");

    /// <summary>Makes a bridge, down and without ports.</summary>
    public void CreateBridge(string name) =>
        _socket.Execute(LinkMessages.CreateOfKind(stackalloc byte[RequestBuffer], name, "bridge"), $"making the bridge {name}");

    /// <summary>Makes a WireGuard link, down; fails with EOPNOTSUPP if the kernel has no WireGuard.</summary>
    public void CreateWireGuard(string name) =>
        _socket.Execute(LinkMessages.CreateOfKind(stackalloc byte[RequestBuffer], name, Wg.Family), $"making the WireGuard link {name}");

    /// <summary>Deletes a link with its addresses and routes; a veth takes its peer along.</summary>
    public void DeleteLink(int index) => _socket.Execute(LinkMessages.Delete(stackalloc byte[RequestBuffer], index), $"deleting link {index}");

    /// <summary>Switches a link on.</summary>
    public void SetUp(int index) =>
        _socket.Execute(LinkMessages.SetFlag(stackalloc byte[RequestBuffer], index, Rt.IFF_UP, on: true), $"switching link {index} on");

    /// <summary>Switches a link off; its routes go.</summary>
    public void SetDown(int index) =>
        _socket.Execute(LinkMessages.SetFlag(stackalloc byte[RequestBuffer], index, Rt.IFF_UP, on: false), $"switching link {index} off");

    /// <summary>Sets the MTU, bytes.</summary>
    public void SetMtu(int index, int mtu) =>
        _socket.Execute(LinkMessages.SetNumber(stackalloc byte[RequestBuffer], index, Rt.IFLA_MTU, mtu), $"setting the MTU of link {index} to {mtu}");

    /// <summary>Makes a link a port of a bridge; null takes it out.</summary>
    public void SetBridge(int index, int? bridgeIndex) =>
        _socket.Execute(
            LinkMessages.SetNumber(stackalloc byte[RequestBuffer], index, Rt.IFLA_MASTER, bridgeIndex ?? 0),
            $"making link {index} a port of bridge {bridgeIndex ?? 0}");

    /// <summary>Names a link anew; older kernels want it down.</summary>
    public void Rename(int index, string name) =>
        _socket.Execute(LinkMessages.Rename(stackalloc byte[RequestBuffer], index, name), $"renaming link {index} to {name}");

    /// <summary>Moves a link to another namespace, where it is down, without addresses, and may have another index.</summary>
    public void MoveToNamespace(int index, NetworkNamespace target)
    {
        ArgumentNullException.ThrowIfNull(target);
        var held = false;
        try
        {
            target.Handle.DangerousAddRef(ref held);
            _socket.Execute(
                LinkMessages.SetNumber(stackalloc byte[RequestBuffer], index, Rt.IFLA_NET_NS_FD, (int)target.Handle.DangerousGetHandle()),
                $"moving link {index} to the namespace {target.Name}");
        }
        finally
        {
            if (held)
            {
                target.Handle.DangerousRelease();
            }
        }
    }

    /// <summary>All addresses of both families, those that the kernel made included.</summary>
    public IReadOnlyList<LinkAddress> GetAddresses() =>
        _socket.Dump(AddressMessages.List(stackalloc byte[RequestBuffer]), AddressMessages.Decode, "listing addresses");

    /// <summary>Adds an address to a link; fails with EEXIST if the link has it.</summary>
    public void AddAddress(int index, IPAddress address, int prefixLength) =>
        _socket.Execute(
            AddressMessages.Add(stackalloc byte[RequestBuffer], index, address, prefixLength),
            $"adding the address {address}/{prefixLength} to link {index}");

    /// <summary>Deletes an address from a link; fails with EADDRNOTAVAIL if the link does not have it.</summary>
    public void DeleteAddress(int index, IPAddress address, int prefixLength) =>
        _socket.Execute(
            AddressMessages.Delete(stackalloc byte[RequestBuffer], index, address, prefixLength),
            $"deleting the address {address}/{prefixLength} from link {index}");

    /// <summary>The unicast routes of the main table, those that the kernel made included.</summary>
    /// <param name="family">IPv4 or IPv6.</param>
    /// <param name="linkIndex">Only those that leave by this link; null is all.</param>
    public IReadOnlyList<Route> GetRoutes(AddressFamily family = AddressFamily.InterNetwork, int? linkIndex = null)
    {
        try
        {
            return _socket.Dump(
                RouteMessages.List(stackalloc byte[RequestBuffer], family, linkIndex),
                payload => RouteMessages.Decode(payload) is { } route && IsAskedFor(route) ? route : null,
                "listing routes");
        }
        catch (NetlinkException exception) when (exception.Errno == Errno.ENOENT)
        {
            // A namespace has no main table before its first route.
            return [];
        }

        // A kernel without strict checking (before 4.20), or without the family, lists more than it was asked for.
        bool IsAskedFor(Route route) => route.Destination.Family == family && (linkIndex is null || route.LinkIndex == linkIndex);
    }

    /// <summary>Adds a route; fails with EEXIST if one with its destination and metric is there, by whichever link.</summary>
    public void AddRoute(Route route)
    {
        ArgumentNullException.ThrowIfNull(route);
        _socket.Execute(RouteMessages.Add(stackalloc byte[RequestBuffer], route), $"adding the route to {route.Destination} by link {route.LinkIndex}");
    }

    /// <summary>Adds a route in place of one with its destination and metric, whoever made that.</summary>
    public void ReplaceRoute(Route route)
    {
        ArgumentNullException.ThrowIfNull(route);
        _socket.Execute(RouteMessages.Replace(stackalloc byte[RequestBuffer], route), $"replacing the route to {route.Destination} by link {route.LinkIndex}");
    }

    /// <summary>Deletes a route of this destination, link, protocol and metric; fails with ESRCH if there is none.</summary>
    public void DeleteRoute(Route route)
    {
        ArgumentNullException.ThrowIfNull(route);
        _socket.Execute(RouteMessages.Delete(stackalloc byte[RequestBuffer], route), $"deleting the route to {route.Destination} by link {route.LinkIndex}");
    }

    /// <summary>Closes the socket.</summary>
    public void Dispose() => _socket.Dispose();
}
