using System.Net;
using Elysium.WireGuard;

namespace Elysium.Linux;

/// <summary>A route of the main table.</summary>
/// <param name="Destination">Where to.</param>
/// <param name="LinkIndex">Index of the link that it leaves by; null where there is none, or several.</param>
/// <param name="Gateway">The next hop; null is: the destination is on the link itself.</param>
/// <param name="Source">The source address that it prefers; null leaves it to the kernel.</param>
/// <param name="Metric">The lower wins; 0 is the best.</param>
/// <param name="Protocol">Who made it (<c>rtm_protocol</c>); see <see cref="RouteNetlink.OwnProtocol"/>.</param>
public sealed record Route(
    IpPrefix Destination,
    int? LinkIndex = null,
    IPAddress? Gateway = null,
    IPAddress? Source = null,
    uint Metric = 0,
    byte Protocol = RouteNetlink.OwnProtocol);
