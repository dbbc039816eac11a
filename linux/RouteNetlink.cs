using System.Net;
using System.Net.Sockets;
using Elysium.Linux.Netlink;

namespace Elysium.Linux;

/// <summary>
/// Links, addresses, routes and rules of one network namespace, by rtnetlink (rtnetlink(7)). Stays in the namespace it was opened in,
/// whoever calls it. Any thread may call it; calls go one after the other. Every refusal is a <see cref="NetlinkException"/>; without
/// CAP_NET_ADMIN every change is refused with EPERM, and reading is free.
/// </summary>
public sealed class RouteNetlink : IDisposable
{
    /// <summary>What marks a route or rule as ours (<c>rtm_protocol</c>; linux/rtnetlink.h leaves the numbers above 4 to user space).</summary>
    public const byte OwnProtocol = 225;

    // Enough for every request here: names are 15 bytes at most, addresses 16.
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
    public Link? FindLink(string name) => LinkMessages.IsName(name)
        ? _socket.Find(LinkMessages.Find(stackalloc byte[RequestBuffer], name), LinkMessages.Decode, $"looking for the link {name}")
        : null;

    /// <summary>Makes a pair of links, both down: what goes into one comes out of the other. Fails with EEXIST if a name is taken.</summary>
    public void CreateVeth(string name, string peerName) =>
        _socket.Execute(LinkMessages.CreateVeth(stackalloc byte[RequestBuffer], name, peerName), $"making the veth pair {name} and {peerName}");

    /// <summary>Makes a bridge, down and without ports. Fails with EEXIST if the name is taken.</summary>
    public void CreateBridge(string name) =>
        _socket.Execute(LinkMessages.CreateOfKind(stackalloc byte[RequestBuffer], name, "bridge"), $"making the bridge {name}");

    /// <summary>
    /// Makes a link of the kernel's WireGuard, down and without a key; its UDP socket stays in this namespace wherever the link is moved. Fails
    /// with EEXIST if the name is taken, and with EOPNOTSUPP if the kernel has no WireGuard.
    /// </summary>
    public void CreateWireGuard(string name) =>
        _socket.Execute(LinkMessages.CreateOfKind(stackalloc byte[RequestBuffer], name, Wg.Family), $"making the WireGuard link {name}");

    /// <summary>Deletes a link with its addresses and routes; a veth takes its peer along. Fails with ENODEV if there is none.</summary>
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

    /// <summary>Makes a link a port of a bridge (or of another master); null takes it out.</summary>
    public void SetBridge(int index, int? bridgeIndex) =>
        _socket.Execute(
            LinkMessages.SetNumber(stackalloc byte[RequestBuffer], index, Rt.IFLA_MASTER, bridgeIndex ?? 0),
            bridgeIndex is { } bridge ? $"making link {index} a port of bridge {bridge}" : $"taking link {index} out of its bridge");

    /// <summary>Names a link anew; older kernels want it down. Fails with EEXIST if the name is taken.</summary>
    public void Rename(int index, string name) =>
        _socket.Execute(LinkMessages.Rename(stackalloc byte[RequestBuffer], index, name), $"renaming link {index} to {name}");

    /// <summary>
    /// Moves a link to another namespace, where it is down, without addresses, and may have another index. Fails with EEXIST if its name is
    /// taken there.
    /// </summary>
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

    /// <summary>Addresses of both families, those that the kernel made included.</summary>
    /// <param name="linkIndex">Only those of this link; null is all.</param>
    public IReadOnlyList<LinkAddress> GetAddresses(int? linkIndex = null)
    {
        try
        {
            return _socket.Dump(
                AddressMessages.List(stackalloc byte[RequestBuffer], linkIndex),
                payload => AddressMessages.Decode(payload) is { } address && (linkIndex is null || address.LinkIndex == linkIndex) ? address : null,
                "listing addresses");
        }
        catch (NetlinkException exception) when (linkIndex is not null && exception.Errno == Errno.ENODEV)
        {
            return [];
        }
    }

    /// <summary>
    /// Adds an address to a link; fails with EEXIST if the link has it. An IPv6 one can be used at once: on a tunnel nobody else could have
    /// it, so nobody is asked (no duplicate address detection).
    /// </summary>
    public void AddAddress(int index, IPAddress address, int prefixLength)
    {
        ArgumentNullException.ThrowIfNull(address);
        var flags = address.AddressFamily == AddressFamily.InterNetworkV6 ? AddressFlags.NoDuplicateDetection : AddressFlags.None;
        AddAddress(new LinkAddress(index, address, prefixLength, Flags: flags));
    }

    /// <summary>Adds an address with all that is said of it; fails with EEXIST if the link has it.</summary>
    public void AddAddress(LinkAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        _socket.Execute(
            AddressMessages.Add(stackalloc byte[RequestBuffer], address),
            $"adding the address {address.Address}/{address.PrefixLength} to link {address.LinkIndex}");
    }

    /// <summary>Deletes an address from a link; fails with EADDRNOTAVAIL if the link does not have it.</summary>
    public void DeleteAddress(int index, IPAddress address, int prefixLength) => DeleteAddress(new LinkAddress(index, address, prefixLength));

    /// <summary>Deletes an address from a link, whatever its scope and flags; fails with EADDRNOTAVAIL if the link does not have it.</summary>
    public void DeleteAddress(LinkAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        _socket.Execute(
            AddressMessages.Delete(stackalloc byte[RequestBuffer], address),
            $"deleting the address {address.Address}/{address.PrefixLength} from link {address.LinkIndex}");
    }

    /// <summary>The unicast routes of the main table, those that the kernel made included.</summary>
    /// <param name="family">IPv4 or IPv6.</param>
    /// <param name="linkIndex">Only those that leave by this link; null is all.</param>
    public IReadOnlyList<Route> GetRoutes(AddressFamily family = AddressFamily.InterNetwork, int? linkIndex = null) =>
        GetRoutes(new RouteFilter(family, linkIndex, RouteTable.Main, Type: RouteType.Unicast));

    /// <summary>The routes that fit a filter, those that the kernel made included.</summary>
    public IReadOnlyList<Route> GetRoutes(RouteFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        try
        {
            return _socket.Dump(
                RouteMessages.List(stackalloc byte[RequestBuffer], filter),
                payload => RouteMessages.Decode(payload) is { } route && filter.Matches(route) ? route : null,
                "listing routes");
        }
        catch (NetlinkException exception) when (exception.Errno is Errno.ENOENT or Errno.ENODEV)
        {
            // There is no table before its first route, and none that leaves by a link that is not there.
            return [];
        }
    }

    /// <summary>
    /// Adds a route; fails with EEXIST if one with its table, destination and metric is there, by whichever link, with ENETUNREACH if
    /// its gateway is on no link, and with ENETDOWN if its link is down.
    /// </summary>
    public void AddRoute(Route route)
    {
        ArgumentNullException.ThrowIfNull(route);
        _socket.Execute(RouteMessages.Add(stackalloc byte[RequestBuffer], route), Doing("adding", route));
    }

    /// <summary>Adds a route in place of one with its table, destination and metric, whoever made that.</summary>
    public void ReplaceRoute(Route route)
    {
        ArgumentNullException.ThrowIfNull(route);
        _socket.Execute(RouteMessages.Replace(stackalloc byte[RequestBuffer], route), Doing("replacing", route));
    }

    /// <summary>
    /// Deletes a route of this table, destination, protocol, and (where they are given) link, gateway, metric and scope; fails with ESRCH if
    /// there is none. What another protocol made is never deleted, unless 0 is asked for.
    /// </summary>
    public void DeleteRoute(Route route)
    {
        ArgumentNullException.ThrowIfNull(route);
        _socket.Execute(RouteMessages.Delete(stackalloc byte[RequestBuffer], route), Doing("deleting", route));
    }

    /// <summary>The rules of a family in the order in which they are asked, those that the kernel made included.</summary>
    public IReadOnlyList<RoutingRule> GetRules(AddressFamily family)
    {
        try
        {
            return _socket.Dump(
                RuleMessages.List(stackalloc byte[RequestBuffer], family),
                payload => RuleMessages.Decode(payload) is { } rule && rule.Family == family ? rule : null,
                "listing rules");
        }
        catch (NetlinkException exception) when (exception.Errno == Errno.EAFNOSUPPORT)
        {
            // This kernel has no such family, or no policy routing for it.
            return [];
        }
    }

    /// <summary>Adds a rule; fails with EEXIST if the same is there.</summary>
    public void AddRule(RoutingRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        _socket.Execute(RuleMessages.Add(stackalloc byte[RequestBuffer], rule), Doing("adding", rule));
    }

    /// <summary>
    /// Deletes a rule of this priority, action, protocol, and of all that it otherwise says but for <see cref="RoutingRule.Inverted"/>, which
    /// the kernel does not compare; fails with ENOENT if there is none.
    /// </summary>
    public void DeleteRule(RoutingRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        _socket.Execute(RuleMessages.Delete(stackalloc byte[RequestBuffer], rule), Doing("deleting", rule));
    }

    /// <summary>Closes the socket.</summary>
    public void Dispose() => _socket.Dispose();

    private static string Doing(string verb, Route route) =>
        $"{verb} the route to {route.Destination}"
        + (route.LinkIndex is { } link ? $" by link {link}" : "")
        + (route.Table == RouteTable.Main ? "" : $" in table {route.Table}");

    private static string Doing(string verb, RoutingRule rule) => $"{verb} the rule with priority {rule.Priority} for table {rule.Table}";
}
