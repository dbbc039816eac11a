using System.Net.Sockets;
using Elysium.WireGuard;

namespace Elysium.Linux;

/// <summary>
/// Sends everything through a tunnel but the tunnel's own packets, as wg-quick(8) does for <c>AllowedIPs = 0.0.0.0/0</c>: default routes in a
/// table of their own, a rule by which every packet without the tunnel's mark looks there, and before it one by which more special routes of
/// the main table (the local network) still count. Nothing of the main table changes, so nothing has to be put back.
/// </summary>
/// <remarks>
/// Works in the network namespace of <paramref name="netlink"/>; the kernel parameter is that of the calling thread's, which should be the
/// same. Only rules and routes with our protocol number and this scheme's table and priorities are ever removed.
/// </remarks>
/// <param name="netlink">Of the namespace.</param>
/// <param name="mark">What the tunnel marks its packets with (<see cref="DeviceSpec.FirewallMark"/>); not 0.</param>
/// <param name="table">The number of the table; not one of <see cref="RouteTable"/>. wg-quick takes the mark.</param>
/// <param name="priority">Of the first of the two rules; below 32766, where the main table is asked.</param>
/// <param name="journal">Remembers the kernel parameter, so that <see cref="Remove"/> can put it back; null leaves it as it was set.</param>
public sealed class DefaultRouteScheme(RouteNetlink netlink, uint mark, uint table, uint priority = DefaultRouteScheme.UsualPriority, SysctlJournal? journal = null)
{
    /// <summary>Where <c>ip rule add</c> puts two rules into an untouched namespace.</summary>
    public const uint UsualPriority = 32764;

    private const uint MainPriority = 32766;

    private static readonly IpPrefix[] Everything = [IpPrefix.Parse("0.0.0.0/0"), IpPrefix.Parse("::/0")];

    private readonly uint _mark = mark != 0 ? mark : throw new ArgumentOutOfRangeException(nameof(mark), "The mark 0 is that of every packet.");

    private readonly uint _table = table is not (0 or RouteTable.Default or RouteTable.Main or RouteTable.Local)
        ? table
        : throw new ArgumentOutOfRangeException(nameof(table), table, "That table is the system's own.");

    private readonly uint _priority = priority is > 0 and < MainPriority - 1
        ? priority
        : throw new ArgumentOutOfRangeException(nameof(priority), priority, $"Both rules must come before {MainPriority}, where the main table is asked.");

    /// <summary>Puts it in place, or mends it; says what was changed, and nothing where nothing was.</summary>
    /// <param name="linkIndex">The tunnel, which must be up.</param>
    /// <param name="families">Which families go through it; those not named are as before.</param>
    /// <exception cref="NetlinkException">The kernel refuses, such as with ENETDOWN because the tunnel is down.</exception>
    public DefaultRouteReport Apply(int linkIndex, params IReadOnlyList<AddressFamily> families)
    {
        ArgumentNullException.ThrowIfNull(families);
        var changes = new List<string>();
        var problems = new List<string>();

        // What answers marked packets must pass the source check by the table of their mark (reverse path filter; IPv4 has the only one).
        if (families.Contains(AddressFamily.InterNetwork))
        {
            var report = journal?.Set(NetworkParameter.SourceValidMark, "1") ?? Sysctl.Set(NetworkParameter.SourceValidMark, "1");
            if (report.Outcome == SysctlOutcome.Changed)
            {
                changes.Add($"{report.Name} = {report.Wanted}");
            }
            else if (!report.IsAsWanted)
            {
                problems.Add($"{report} Where rp_filter is 1, answers to the tunnel may be dropped.");
            }
        }

        foreach (var everything in Everything)
        {
            if (!families.Contains(everything.Family))
            {
                RemoveRules(everything.Family, [], changes);
                RemoveRoutes(everything.Family, null, changes);
                continue;
            }

            // Routes first: a rule that leads nowhere passes on, so that no packet is without a way in between.
            ApplyRoute(everything, linkIndex, changes);
            ApplyRules(everything.Family, changes);
        }

        return new DefaultRouteReport(changes, problems);
    }

    /// <summary>Takes all of it away, also what an earlier run of this program left; says what was changed.</summary>
    public DefaultRouteReport Remove()
    {
        var changes = new List<string>();
        foreach (var everything in Everything)
        {
            RemoveRules(everything.Family, [], changes);
            RemoveRoutes(everything.Family, null, changes);
        }

        var restored = journal?.Restore(name => name == NetworkParameter.SourceValidMark) ?? [];
        changes.AddRange(restored.Where(report => report.Outcome == SysctlOutcome.Changed).Select(report => $"{report.Name} = {report.Wanted}"));
        return new DefaultRouteReport(changes, [.. restored.Where(report => report.Outcome == SysctlOutcome.Refused).Select(report => report.ToString())]);
    }

    private void ApplyRoute(IpPrefix everything, int linkIndex, List<string> changes)
    {
        RemoveRoutes(everything.Family, linkIndex, changes);
        if (Routes(everything.Family).All(route => route.Destination != everything))
        {
            netlink.AddRoute(new Route(everything, linkIndex, Table: _table));
            changes.Add($"route {everything} in table {_table} added");
        }
    }

    private void ApplyRules(AddressFamily family, List<string> changes)
    {
        RoutingRule[] wanted =
        [
            new(family, _priority, RouteTable.Main, SuppressPrefixLength: 0),
            new(family, _priority + 1, _table, Mark: _mark, Inverted: true),
        ];
        RemoveRules(family, wanted, changes);
        foreach (var rule in wanted.Except(netlink.GetRules(family)))
        {
            netlink.AddRule(rule);
            changes.Add($"{Name(family)} rule {rule.Priority} added");
        }
    }

    private void RemoveRules(AddressFamily family, IReadOnlyList<RoutingRule> wanted, List<string> changes)
    {
        // The later one first, which is the one that leads into the tunnel.
        foreach (var rule in netlink.GetRules(family).Where(IsOurs).Except(wanted).OrderByDescending(rule => rule.Priority))
        {
            netlink.DeleteRule(rule);
            changes.Add($"{Name(family)} rule {rule.Priority} removed");
        }
    }

    private void RemoveRoutes(AddressFamily family, int? exceptByLink, List<string> changes)
    {
        foreach (var route in Routes(family).Where(route => exceptByLink is null || route.LinkIndex != exceptByLink || route.Type != RouteType.Unicast))
        {
            netlink.DeleteRoute(route);
            changes.Add($"route {route.Destination} in table {_table} removed");
        }
    }

    private IEnumerable<Route> Routes(AddressFamily family) =>
        netlink.GetRoutes(new RouteFilter(family, Table: _table, Protocol: RouteNetlink.OwnProtocol)).Where(route => route.Destination.Length == 0);

    private bool IsOurs(RoutingRule rule) => rule.Protocol == RouteNetlink.OwnProtocol
        && (rule.Table == _table || (rule.Table == RouteTable.Main && rule.Priority == _priority && rule.SuppressPrefixLength is not null));

    private static string Name(AddressFamily family) => family == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4";
}
