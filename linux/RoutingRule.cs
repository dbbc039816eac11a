using System.Net.Sockets;
using Elysium.WireGuard;

namespace Elysium.Linux;

/// <summary>A rule of policy routing: which packets look into which table (ip-rule(8)). Rules are asked in the order of their priority.</summary>
/// <param name="Family">IPv4 or IPv6.</param>
/// <param name="Priority">Its place, the lowest first; null lets the kernel put it before all but the first, and is never read back.</param>
/// <param name="Table">The table to look into; 0 for an action that looks into none.</param>
/// <param name="Source">Only packets from there.</param>
/// <param name="Destination">Only packets to there.</param>
/// <param name="Mark">Only packets with this mark (SO_MARK, WireGuard's fwmark), as far as the mask goes.</param>
/// <param name="MarkMask">Which bits of the mark count.</param>
/// <param name="InputLink">Only packets that came in on the link of this name; <c>lo</c> is: our own.</param>
/// <param name="OutputLink">Only packets of sockets that are bound to the link of this name.</param>
/// <param name="Inverted">Only packets that all of this does <em>not</em> fit.</param>
/// <param name="SuppressPrefixLength">Passes over routes with at most so many bits; 0 passes over default routes.</param>
/// <param name="Action">What it does.</param>
/// <param name="Protocol">Who made it (<c>FRA_PROTOCOL</c>, Linux 4.17); see <see cref="RouteNetlink.OwnProtocol"/>. 0 in a removal is: whoever.</param>
public sealed record RoutingRule(
    AddressFamily Family,
    uint? Priority,
    uint Table,
    IpPrefix? Source = null,
    IpPrefix? Destination = null,
    uint? Mark = null,
    uint MarkMask = uint.MaxValue,
    string? InputLink = null,
    string? OutputLink = null,
    bool Inverted = false,
    int? SuppressPrefixLength = null,
    RuleAction Action = RuleAction.Lookup,
    byte Protocol = RouteNetlink.OwnProtocol);
