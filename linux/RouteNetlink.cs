using System.Net;

namespace Elysium.Linux;

/// <summary>
/// Links, addresses and routes of one network namespace, by rtnetlink (rtnetlink(7)). Stays in the namespace it was opened in,
/// whoever calls it. Any thread may call it; calls go one after the other. Every refusal is a <see cref="NetlinkException"/>.
/// </summary>
public sealed class RouteNetlink : IDisposable
{
    /// <summary>What marks a route as ours (<c>rtm_protocol</c>; linux/rtnetlink.h leaves the numbers above 4 to user space).</summary>
    public const byte OwnProtocol = 225;

    private RouteNetlink()
    {
    }

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    public static RouteNetlink Open() => throw new NotImplementedException();

    /// <summary>All links.</summary>
    public IReadOnlyList<Link> GetLinks() => throw new NotImplementedException();

    /// <summary>The link of that name; null if there is none.</summary>
    public Link? FindLink(string name) => throw new NotImplementedException();

    /// <summary>Makes a pair of links, both down: what goes into one comes out of the other.</summary>
    public void CreateVeth(string name, string peerName) => throw new NotImplementedException();

    /// <summary>Makes a bridge, down and without ports.</summary>
    public void CreateBridge(string name) => throw new NotImplementedException();

    /// <summary>Deletes a link with its addresses and routes; a veth takes its peer along.</summary>
    public void DeleteLink(int index) => throw new NotImplementedException();

    /// <summary>Switches a link on.</summary>
    public void SetUp(int index) => throw new NotImplementedException();

    /// <summary>Switches a link off; its routes go.</summary>
    public void SetDown(int index) => throw new NotImplementedException();

    /// <summary>Sets the MTU, bytes.</summary>
    public void SetMtu(int index, int mtu) => throw new NotImplementedException();

    /// <summary>Makes a link a port of a bridge; null takes it out.</summary>
    public void SetBridge(int index, int? bridgeIndex) => throw new NotImplementedException();

    /// <summary>Names a link anew; it must be down.</summary>
    public void Rename(int index, string name) => throw new NotImplementedException();

    /// <summary>Moves a link to another namespace, where it is down and may have another index.</summary>
    public void MoveToNamespace(int index, NetworkNamespace target) => throw new NotImplementedException();

    /// <summary>All addresses.</summary>
    public IReadOnlyList<LinkAddress> GetAddresses() => throw new NotImplementedException();

    /// <summary>Adds an address to a link.</summary>
    public void AddAddress(int index, IPAddress address, int prefixLength) => throw new NotImplementedException();

    /// <summary>Deletes an address from a link.</summary>
    public void DeleteAddress(int index, IPAddress address, int prefixLength) => throw new NotImplementedException();

    /// <summary>The unicast routes of the main table.</summary>
    public IReadOnlyList<Route> GetRoutes() => throw new NotImplementedException();

    /// <summary>Adds a route; fails with EEXIST if one with its destination and metric is there.</summary>
    public void AddRoute(Route route) => throw new NotImplementedException();

    /// <summary>Adds a route in place of one with its destination and metric.</summary>
    public void ReplaceRoute(Route route) => throw new NotImplementedException();

    /// <summary>Deletes exactly this route.</summary>
    public void DeleteRoute(Route route) => throw new NotImplementedException();

    /// <summary>Closes the socket.</summary>
    public void Dispose() => throw new NotImplementedException();
}
