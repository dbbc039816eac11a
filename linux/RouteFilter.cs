using System.Net.Sockets;

namespace Elysium.Linux;

/// <summary>Which routes to list; null is: any.</summary>
/// <param name="Family">IPv4 or IPv6.</param>
/// <param name="LinkIndex">Only those that leave by this link.</param>
/// <param name="Table">Only those of this table.</param>
/// <param name="Protocol">Only those that this one made, such as <see cref="RouteNetlink.OwnProtocol"/>.</param>
/// <param name="Type">Only those that do this.</param>
public sealed record RouteFilter(AddressFamily Family, int? LinkIndex = null, uint? Table = null, byte? Protocol = null, RouteType? Type = null)
{
    // A kernel without strict checking (before 4.20), or without the family, lists more than it was asked for.
    internal bool Matches(Route route) =>
        route.Destination.Family == Family
        && (LinkIndex is null || route.LinkIndex == LinkIndex)
        && (Table is null || route.Table == Table)
        && (Protocol is null || route.Protocol == Protocol)
        && (Type is null || route.Type == Type);
}
