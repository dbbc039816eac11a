using System.Net;
using System.Net.Sockets;
using Elysium.WireGuard;

namespace Elysium.Linux.Tests;

public sealed class DefaultRouteSchemeTests
{
    private const uint Mark = 51820;
    private const AddressFamily V4 = AddressFamily.InterNetwork;
    private const AddressFamily V6 = AddressFamily.InterNetworkV6;

    [Fact]
    public void Marked_packets_leave_by_the_old_default_and_all_others_by_the_tunnel()
    {
        using var sandbox = new Sandbox();
        var (machine, _, _) = Build(sandbox);
        machine.Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            Reaches("203.0.113.1").ShouldBeTrue("the router is the default before");
            var scheme = new DefaultRouteScheme(netlink, Mark, Mark);
            scheme.Apply(netlink.FindLink("tun0")!.Index, V4, V6).Changed.ShouldBeTrue();

            foreach (var (router, exit, local) in new[] { ("203.0.113.1", "203.0.113.2", "192.0.2.2"), ("2001:db8:f::1", "2001:db8:f::2", "2001:db8:1::2") })
            {
                Reaches(exit).ShouldBeTrue("what is not marked goes by the tunnel");
                Reaches(router).ShouldBeFalse("what is not marked goes by the tunnel, and there is no such address there");
                Reaches(router, Mark).ShouldBeTrue("the tunnel's own packets leave by the old default");
                Reaches(exit, Mark).ShouldBeFalse("the tunnel's own packets do not go through it");
                Reaches(local).ShouldBeTrue("the local network is still reached directly");
            }

            scheme.Remove().Changed.ShouldBeTrue();
            Reaches("203.0.113.1").ShouldBeTrue();
            Reaches("203.0.113.2").ShouldBeFalse();
        });
    }

    [Theory]
    [InlineData("eth0")]
    [InlineData(NetworkParameter.All)]
    public void Where_a_source_address_must_lead_back_over_its_link_the_tunnel_still_hears_answers(string strict)
    {
        using var sandbox = new Sandbox();
        var (machine, _, _) = Build(sandbox);
        machine.Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            var journal = SysctlJournal.Open(Path.Join(sandbox.Folder, "sysctl.json"));
            Sysctl.Set(NetworkParameter.ReversePathFilterOf("tun0"), "1").IsAsWanted.ShouldBeTrue();
            Sysctl.Set(NetworkParameter.ReversePathFilterOf(strict), "1").IsAsWanted.ShouldBeTrue();
            var before = Sysctl.Read(NetworkParameter.ReversePathFilterOf("eth0"));
            Reaches("203.0.113.1").ShouldBeTrue();

            var scheme = new DefaultRouteScheme(netlink, Mark, Mark, journal: journal);
            scheme.Apply(netlink.FindLink("tun0")!.Index, V4).Problems.ShouldBeEmpty();
            Reaches("203.0.113.1", Mark).ShouldBeTrue("the answer comes from where only marked packets go");
            Reaches("203.0.113.2").ShouldBeTrue();
            Sysctl.Read(NetworkParameter.ReversePathFilterOf("tun0")).ShouldBe("1", "nothing but the old default's link is made less strict");
            scheme.Apply(netlink.FindLink("tun0")!.Index, V4).Changes.ShouldBeEmpty();

            scheme.Remove().Problems.ShouldBeEmpty();
            Sysctl.Read(NetworkParameter.ReversePathFilterOf("eth0")).ShouldBe(before);
            Sysctl.Read(NetworkParameter.ReversePathFilterOf(strict)).ShouldBe("1");
        });
    }

    [Fact]
    public void A_source_check_that_cannot_be_loosened_is_a_problem_that_names_its_link()
    {
        using var sandbox = new Sandbox();
        var (machine, _, _) = Build(sandbox);
        machine.Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            Sysctl.Set(NetworkParameter.ReversePathFilterOf("eth0"), "1").IsAsWanted.ShouldBeTrue();
            Sandbox.Run("mount", "-o", "bind,ro", "/proc/sys", "/proc/sys");
            var scheme = new DefaultRouteScheme(netlink, Mark, Mark);
            scheme.Apply(netlink.FindLink("tun0")!.Index, V4, V6).Problems.ShouldHaveSingleItem().ShouldContain("conf/eth0/rp_filter is 1");
        });
    }

    [Theory]
    [InlineData(V4)]
    [InlineData(V6)]
    public async Task From_one_link_or_mark_to_another_it_changes_without_a_moment_in_which_nothing_leads_into_the_tunnel(AddressFamily family)
    {
        using var sandbox = new Sandbox();
        var (machine, _, _) = Build(sandbox);
        using var netlink = machine.Run(RouteNetlink.Open);
        var (first, second) = (netlink.FindLink("tun0")!.Index, netlink.FindLink("eth0")!.Index);
        machine.Run(() => new DefaultRouteScheme(netlink, Mark, Mark).Apply(first, family));
        var routes = netlink.GetRoutes(new RouteFilter(family, Table: Mark)).ToList();
        var rules = netlink.GetRules(family).Where(rule => rule.Table == Mark).ToList();
        using var monitor = machine.Run(() => NetlinkMonitor.Open(NetworkChangeKinds.Routes | NetworkChangeKinds.Rules));
        machine.Run(() =>
        {
            new DefaultRouteScheme(netlink, Mark, Mark).Apply(second, family).Changed.ShouldBeTrue();
            new DefaultRouteScheme(netlink, 7, Mark).Apply(first, family).Changed.ShouldBeTrue();
            Sandbox.Run("ip", "rule", "add", "priority", "9", "table", "9");
        });

        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await foreach (var change in monitor.ReadAsync(deadline.Token))
        {
            switch (change)
            {
                case NetworkChange.RuleAdded { Rule.Priority: 9 }:
                    routes.ShouldHaveSingleItem().LinkIndex.ShouldBe(first);
                    rules.ShouldHaveSingleItem().Mark.ShouldBe(7u);
                    return;
                case NetworkChange.RouteAdded { Route: { Table: Mark } route }:
                    routes.RemoveAll(old => old.Destination == route.Destination && old.Metric == route.Metric);
                    routes.Add(route);
                    break;
                case NetworkChange.RouteRemoved { Route: { Table: Mark } route }:
                    routes.RemoveAll(old => old.Destination == route.Destination && old.LinkIndex == route.LinkIndex);
                    break;
                case NetworkChange.RuleAdded { Rule: { Table: Mark } rule }:
                    rules.Add(rule);
                    break;
                case NetworkChange.RuleRemoved { Rule: { Table: Mark } rule }:
                    rules.Remove(rule);
                    break;
            }

            routes.ShouldNotBeEmpty($"after {change}");
            rules.ShouldNotBeEmpty($"after {change}");
        }
    }

    [Fact]
    public void Applied_again_it_changes_nothing_and_it_mends_what_was_broken()
    {
        using var sandbox = new Sandbox();
        var (machine, _, _) = Build(sandbox);
        machine.Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            var tunnel = netlink.FindLink("tun0")!.Index;
            var scheme = new DefaultRouteScheme(netlink, Mark, Mark);
            scheme.Apply(tunnel, V4, V6).Problems.ShouldBeEmpty();
            scheme.Apply(tunnel, V4, V6).Changes.ShouldBeEmpty();

            Sandbox.Run("ip", "-4", "rule", "del", "priority", "32765");
            Sandbox.Run("ip", "-6", "route", "flush", "table", "51820");
            scheme.Apply(tunnel, V4, V6).Changes.ShouldBe(["IPv4 rule 32765 added", "route ::/0 in table 51820 added"], ignoreOrder: true);

            // Another mark: the rule of the old one must not stay.
            new DefaultRouteScheme(netlink, 7, Mark).Apply(tunnel, V4, V6);
            netlink.GetRules(V4).Where(rule => rule.Table == Mark).ShouldHaveSingleItem().Mark.ShouldBe(7u);

            // One family less.
            new DefaultRouteScheme(netlink, 7, Mark).Apply(tunnel, V4);
            netlink.GetRules(V6).ShouldAllBe(rule => rule.Protocol != RouteNetlink.OwnProtocol);
            netlink.GetRoutes(new RouteFilter(V6, Table: Mark)).ShouldBeEmpty();

            // Another link.
            new DefaultRouteScheme(netlink, 7, Mark).Apply(netlink.FindLink("eth0")!.Index, V4);
            netlink.GetRoutes(new RouteFilter(V4, Table: Mark)).ShouldHaveSingleItem().LinkIndex.ShouldBe(netlink.FindLink("eth0")!.Index);
        });
    }

    [Fact]
    public void Removed_by_another_run_all_is_as_it_was_and_nothing_foreign_is_touched()
    {
        using var sandbox = new Sandbox();
        var (machine, _, _) = Build(sandbox);
        machine.Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            Sandbox.Run("ip", "rule", "add", "not", "fwmark", "51820", "table", "51820", "priority", "32765");
            Sandbox.Run("ip", "rule", "add", "table", "main", "suppress_prefixlength", "0", "priority", "32764");
            Sandbox.Run("ip", "route", "add", "10.5.0.0/16", "dev", "tun0", "table", "51820");
            Sandbox.Run("ip", "route", "add", "default", "dev", "tun0", "table", "51820", "metric", "50");

            // The kernel's own routes of a link come with its link-local address.
            Wait.Until(
                () => Sandbox.Run("ip", "-6", "-oneline", "address", "show", "scope", "link", "-tentative").Split('\n').Length == 3,
                "both links are ready");
            var before = Everything();
            var journal = Path.Join(sandbox.Folder, "sysctl.json");

            new DefaultRouteScheme(netlink, Mark, Mark, journal: SysctlJournal.Open(journal)).Apply(netlink.FindLink("tun0")!.Index, V4, V6);
            Everything().ShouldNotBe(before);

            new DefaultRouteScheme(netlink, Mark, Mark, journal: SysctlJournal.Open(journal)).Remove().Problems.ShouldBeEmpty();
            Everything().ShouldBe(before);
            File.Exists(journal).ShouldBeFalse();
            new DefaultRouteScheme(netlink, Mark, Mark).Remove().Changes.ShouldBeEmpty();
        });
    }

    [Fact]
    public void Without_its_link_it_can_still_be_removed()
    {
        using var sandbox = new Sandbox();
        var (machine, _, _) = Build(sandbox);
        machine.Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            var before = Everything();
            var scheme = new DefaultRouteScheme(netlink, Mark, Mark);
            scheme.Apply(netlink.FindLink("tun0")!.Index, V4, V6);
            netlink.SetDown(netlink.FindLink("tun0")!.Index);
            Reaches("203.0.113.1").ShouldBeTrue("rules that lead nowhere pass on");
            scheme.Remove();
            netlink.GetRules(V4).Concat(netlink.GetRules(V6)).ShouldAllBe(rule => rule.Protocol != RouteNetlink.OwnProtocol);
        });
    }

    [Fact]
    public void What_would_catch_every_packet_or_the_systems_tables_is_refused()
    {
        using var sandbox = new Sandbox();
        using var netlink = sandbox.Namespace().Run(RouteNetlink.Open);
        Should.Throw<ArgumentOutOfRangeException>(() => new DefaultRouteScheme(netlink, 0, Mark));
        Should.Throw<ArgumentOutOfRangeException>(() => new DefaultRouteScheme(netlink, Mark, RouteTable.Main));
        Should.Throw<ArgumentOutOfRangeException>(() => new DefaultRouteScheme(netlink, Mark, 0));
        Should.Throw<ArgumentOutOfRangeException>(() => new DefaultRouteScheme(netlink, Mark, Mark, 32765));
    }

    private static string Everything() => string.Concat(
        Sandbox.Run("ip", "-4", "rule"),
        Sandbox.Run("ip", "-6", "rule"),
        Sandbox.Run("ip", "-4", "route", "show", "table", "all"),
        Sandbox.Run("ip", "-6", "route", "show", "table", "all"));

    private static bool Reaches(string address, uint mark = 0) => Sandbox.TryRun("ping", ["-c", "1", "-W", "1", .. mark == 0 ? Array.Empty<string>() : ["-m", $"{mark}"], address]).ExitCode == 0;

    // A machine between a router (its default, 203.0.113.1 behind it) and the exit at the other end of a tunnel (203.0.113.2 behind it).
    private static (NamespaceThread Machine, NamespaceThread Router, NamespaceThread Exit) Build(Sandbox sandbox)
    {
        var networks = new[] { sandbox.Namespace(), sandbox.Namespace(), sandbox.Namespace() };
        var (machine, router, exit) = (sandbox.Host(networks[0]), sandbox.Host(networks[1]), sandbox.Host(networks[2]));
        machine.Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            netlink.CreateVeth("eth0", "far0");
            netlink.CreateVeth("tun0", "far1");
            netlink.MoveToNamespace(netlink.FindLink("far0")!.Index, networks[1]);
            netlink.MoveToNamespace(netlink.FindLink("far1")!.Index, networks[2]);
            Configure(netlink, "eth0", "192.0.2.1", "2001:db8:1::1");
            Configure(netlink, "tun0", "10.77.0.1", "fd77::1");
        });
        router.Run(() => FarEnd("far0", "192.0.2.2", "2001:db8:1::2", "203.0.113.1", "2001:db8:f::1", "192.0.2.1", "2001:db8:1::1"));
        exit.Run(() => FarEnd("far1", "10.77.0.2", "fd77::2", "203.0.113.2", "2001:db8:f::2", "10.77.0.1", "fd77::1"));
        machine.Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            netlink.AddRoute(new Route(IpPrefix.Parse("0.0.0.0/0"), Gateway: IPAddress.Parse("192.0.2.2"), Protocol: 4));
            netlink.AddRoute(new Route(IpPrefix.Parse("::/0"), netlink.FindLink("eth0")!.Index, IPAddress.Parse("2001:db8:1::2"), Protocol: 4));

            // Until both ends of the wires are ready.
            Sandbox.Run("ping", "-c", "1", "-w", "5", "-i", "0.2", "2001:db8:f::1");
        });
        return (machine, router, exit);
    }

    private static void FarEnd(string link, string own, string own6, string behind, string behind6, string other, string other6)
    {
        using var netlink = RouteNetlink.Open();
        Configure(netlink, link, own, own6);
        var index = netlink.FindLink(link)!.Index;
        netlink.AddAddress(index, IPAddress.Parse(behind), 32);
        netlink.AddAddress(index, IPAddress.Parse(behind6), 128);
        netlink.AddRoute(new Route(IpPrefix.Parse("0.0.0.0/0"), index, IPAddress.Parse(other)));
        netlink.AddRoute(new Route(IpPrefix.Parse("::/0"), index, IPAddress.Parse(other6)));
    }

    private static void Configure(RouteNetlink netlink, string link, string address, string address6)
    {
        var index = netlink.FindLink(link)!.Index;
        netlink.SetUp(netlink.FindLink("lo")!.Index);
        netlink.AddAddress(index, IPAddress.Parse(address), 24);
        netlink.AddAddress(index, IPAddress.Parse(address6), 64);
        netlink.SetUp(index);
    }
}
