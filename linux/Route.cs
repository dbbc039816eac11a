using System.Net;
using Elysium.WireGuard;

namespace Elysium.Linux;

/// <summary>A route.</summary>
/// <param name="Destination">Where to.</param>
/// <param name="LinkIndex">Index of the link that it leaves by; null where there is none, or several.</param>
/// <param name="Gateway">The next hop; null is: the destination is on the link itself.</param>
/// <param name="Source">The source address that it prefers; null leaves it to the kernel.</param>
/// <param name="Metric">The lower wins; 0 is the best for IPv4, and for IPv6 it stands for 1024, which is then read back.</param>
/// <param name="Protocol">Who made it (<c>rtm_protocol</c>); see <see cref="RouteNetlink.OwnProtocol"/>. 0 in a removal is: whoever.</param>
/// <param name="Table">The table that it stands in; see <see cref="RouteTable"/>.</param>
/// <param name="Type">What it does with a packet.</param>
/// <param name="Scope">How far the destination is; null lets it follow from the type and the gateway. IPv6 has no scopes and reads as 0.</param>
public sealed record Route(
    IpPrefix Destination,
    int? LinkIndex = null,
    IPAddress? Gateway = null,
    IPAddress? Source = null,
    uint Metric = 0,
    byte Protocol = RouteNetlink.OwnProtocol,
    uint Table = RouteTable.Main,
    RouteType Type = RouteType.Unicast,
    NetworkScope? Scope = null);
