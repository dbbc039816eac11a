using System.Net.Sockets;
using Elysium.WireGuard;

namespace Elysium.Linux;

/// <summary>
/// Sends everything through a tunnel but the tunnel's own packets, as wg-quick(8) does for <c>AllowedIPs = 0.0.0.0/0</c>: default routes in a
/// table of their own, a rule by which every packet without the tunnel's mark looks there, and before it one by which more special routes of
/// the main table (the local network) still count. Nothing of the main table changes, so nothing has to be put back there.
/// </summary>
/// <remarks>
/// <para>Works in the network namespace of <paramref name="netlink"/>; the kernel parameters are those of the calling thread's, which should be
/// the same. Only rules and routes with our protocol number and this scheme's table and priorities are ever replaced or removed.</para>
/// <para>Unlike wg-quick it sets no firewall rules. Its connection marks, by which answers to the tunnel get the tunnel's mark and so pass a
/// strict source check (<c>rp_filter</c> = 1; without a mark they would have to come in by the tunnel), are replaced by a loose check (2) on the
/// links by which the main table's IPv4 defaults leave; IPv6 has no such check. Its rule against packets to the tunnel's own address that come in
/// by other links has no counterpart here: who wants it adds it to a firewall.</para>
/// </remarks>
/// <param name="netlink">Of the namespace.</param>
/// <param name="mark">What the tunnel marks its packets with (<see cref="DeviceSpec.FirewallMark"/>); not 0.</param>
/// <param name="table">The number of the table; not one of <see cref="RouteTable"/>. wg-quick takes the mark.</param>
/// <param name="priority">Of the first of the two rules; below 32766, where the main table is asked.</param>
/// <param name="journal">
/// Remembers <c>rp_filter</c> of the links, so that <see cref="Remove"/> can put it back; null leaves it as it was set. It should be this
/// scheme's own: every <c>rp_filter</c> in it is put back.
/// </param>
public sealed class DefaultRouteScheme(RouteNetlink netlink, uint mark, uint table, uint priority = DefaultRouteScheme.UsualPriority, SysctlJournal? journal = null)
{
    /// <summary>Where <c>ip rule add</c> puts two rules into an untouched namespace.</summary>
    public const uint UsualPriority = 32764;

    private const uint MainPriority = 32766;
    private const string SourceCheck = "/rp_filter";
    private const string Strict = "1";
    private const string Loose = "2";

    // What the metric 0 stands for there.
    private const uint DefaultIPv6Metric = 1024;

    private static readonly IpPrefix[] Everything = [IpPrefix.Parse("0.0.0.0/0"), IpPrefix.Parse("::/0")];

    private readonly uint _mark = mark != 0 ? mark : throw new ArgumentOutOfRangeException(nameof(mark), "The mark 0 is that of every packet.");

    private readonly uint _table = table is not (0 or RouteTable.Default or RouteTable.Main or RouteTable.Local)
        ? table
        : throw new ArgumentOutOfRangeException(nameof(table), table, "That table is the system's own.");

    private readonly uint _priority = priority is > 0 and < MainPriority - 1
        ? priority
        : throw new ArgumentOutOfRangeException(nameof(priority), priority, $"Both rules must come before {MainPriority}, where the main table is asked.");

    /// <summary>
    /// Puts it in place, or mends it, as is to be done after the main table's default changed; says what was changed, and nothing where nothing
    /// was. A change from one tunnel or mark to another leaves no moment in which packets leave by the old default.
    /// </summary>
    /// <param name="linkIndex">The tunnel, which must be up.</param>
    /// <param name="families">Which families go through it; those not named are as before.</param>
    /// <exception cref="NetlinkException">The kernel refuses, such as with ENETDOWN because the tunnel is down.</exception>
    public DefaultRouteReport Apply(int linkIndex, params IReadOnlyList<AddressFamily> families)
    {
        ArgumentNullException.ThrowIfNull(families);
        var changes = new List<string>();
        var problems = new List<string>();

        if (families.Contains(AddressFamily.InterNetwork))
        {
            LoosenSourceCheck(linkIndex, changes, problems);
        }

        foreach (var everything in Everything)
        {
            if (!families.Contains(everything.Family))
            {
                RemoveRules(everything.Family, _ => true, changes);
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
            RemoveRules(everything.Family, _ => true, changes);
            RemoveRoutes(everything.Family, null, changes);
        }

        var restored = journal?.Restore(name => name.EndsWith(SourceCheck, StringComparison.Ordinal)) ?? [];
        changes.AddRange(restored.Where(report => report.Outcome == SysctlOutcome.Changed).Select(report => $"{report.Name} = {report.Wanted}"));
        return new DefaultRouteReport(changes, [.. restored.Where(report => report.Outcome == SysctlOutcome.Refused).Select(report => report.ToString())]);
    }

    // An answer to the tunnel bears no mark, so that its source address seems to be behind the tunnel (fib_validate_source in
    // net/ipv4/fib_frontend.c). What a more special route leads to is found in the main table, and passes.
    private void LoosenSourceCheck(int tunnel, List<string> changes, List<string> problems)
    {
        var ofAll = Sysctl.Read(NetworkParameter.ReversePathFilterOf(NetworkParameter.All));
        var defaults = netlink.GetRoutes(AddressFamily.InterNetwork).Where(route => route.Destination.Length == 0).ToList();

        // A route with several next hops names no link.
        var any = defaults.Exists(route => route.LinkIndex is null);
        foreach (var link in netlink.GetLinks().Where(link => link.Index != tunnel && (any || defaults.Exists(route => route.LinkIndex == link.Index))))
        {
            // The larger of the two counts.
            var name = NetworkParameter.ReversePathFilterOf(link.Name);
            var own = Sysctl.Read(name);
            if (ofAll == Loose || (own != Strict && (ofAll != Strict || own is null or Loose)))
            {
                continue;
            }

            var report = journal?.Set(name, Loose) ?? Sysctl.Set(name, Loose);
            if (report.Outcome == SysctlOutcome.Changed)
            {
                changes.Add($"{report.Name} = {report.Wanted}");
            }
            else if (report.Outcome == SysctlOutcome.Refused)
            {
                problems.Add($"{report} Until then answers to the tunnel that come in by {link.Name} are dropped.");
            }
        }
    }

    // The new one takes the place of an old one of ours at once: without any, packets would leave by the main table's.
    private void ApplyRoute(IpPrefix everything, int linkIndex, List<string> changes)
    {
        if (!Routes(everything.Family).Any(route => route.LinkIndex == linkIndex && route.Type == RouteType.Unicast))
        {
            var wanted = new Route(everything, linkIndex, Table: _table);

            // The kernel replaces whatever has the same metric, so that it must be ours; to a foreign one, adding says EEXIST.
            var occupant = netlink.GetRoutes(new RouteFilter(everything.Family, Table: _table))
                .FirstOrDefault(route => route.Destination.Length == 0 && route.Metric == (everything.IsIPv6 ? DefaultIPv6Metric : 0));
            if (occupant is { Protocol: RouteNetlink.OwnProtocol })
            {
                netlink.ReplaceRoute(wanted);
                changes.Add($"route {everything} in table {_table} replaced");
            }
            else
            {
                netlink.AddRoute(wanted);
                changes.Add($"route {everything} in table {_table} added");
            }
        }

        RemoveRoutes(everything.Family, linkIndex, changes);
    }

    private void ApplyRules(AddressFamily family, List<string> changes)
    {
        RoutingRule[] wanted =
        [
            new(family, _priority, RouteTable.Main, SuppressPrefixLength: 0),
            new(family, _priority + 1, _table, Mark: _mark, Inverted: true),
        ];

        // New ones first. But one that differs by its inversion only would be taken for the same (rule_exists in net/core/fib_rules.c).
        RemoveRules(family, rule => !wanted.Contains(rule) && wanted.Contains(rule with { Inverted = !rule.Inverted }), changes);
        foreach (var rule in wanted.Except(netlink.GetRules(family)))
        {
            netlink.AddRule(rule);
            changes.Add($"{Name(family)} rule {rule.Priority} added");
        }

        RemoveRules(family, rule => !wanted.Contains(rule), changes);
    }

    private void RemoveRules(AddressFamily family, Func<RoutingRule, bool> which, List<string> changes)
    {
        // The later one first, which is the one that leads into the tunnel.
        foreach (var rule in netlink.GetRules(family).Where(IsOurs).Where(which).OrderByDescending(rule => rule.Priority))
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
