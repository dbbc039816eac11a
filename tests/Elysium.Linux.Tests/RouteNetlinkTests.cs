using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Elysium.WireGuard;

namespace Elysium.Linux.Tests;

public sealed class RouteNetlinkTests
{
    [Fact]
    public void Links_are_what_ip_says()
    {
        using var sandbox = new Sandbox();
        sandbox.Host().Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            netlink.CreateVeth("left", "right");
            netlink.CreateBridge("switch");
            var bridge = netlink.FindLink("switch")!.Index;
            var left = netlink.FindLink("left")!.Index;
            netlink.SetBridge(left, bridge);
            netlink.SetMtu(left, 1380);
            netlink.SetUp(left);
            netlink.SetUp(netlink.FindLink("right")!.Index);

            Wait.Until(() => netlink.FindLink("left")!.IsRunning && netlink.FindLink("right")!.IsRunning, "the kernel tells of a carrier a little later");

            var links = netlink.GetLinks();
            var said = Sandbox.Ip("link");
            links.Count.ShouldBe(said.Count);
            foreach (var link in said)
            {
                var flags = link!["flags"]!.AsArray().Select(flag => (string)flag!).ToList();
                links.ShouldContain(new Link(
                    (int)link["ifindex"]!,
                    (string)link["ifname"]!,
                    (string?)link["linkinfo"]?["info_kind"],
                    (int)link["mtu"]!,
                    flags.Contains("UP"),
                    flags.Contains("UP") && !flags.Contains("NO-CARRIER"),
                    link["master"] is { } master ? links.Single(other => other.Name == (string)master!).Index : null));
            }

            links.Single(link => link.Name == "left").ShouldBe(new Link(left, "left", "veth", 1380, true, true, bridge));
            netlink.SetBridge(left, null);
            netlink.FindLink("left")!.Bridge.ShouldBeNull();
            netlink.SetDown(left);
            netlink.FindLink("left")!.IsUp.ShouldBeFalse();
            netlink.Rename(left, "sinister");
            netlink.FindLink("left").ShouldBeNull();
            netlink.DeleteLink(left);
            netlink.GetLinks().Select(link => link.Name).ShouldBe(["lo", "switch"], ignoreOrder: true);
        });
    }

    [Fact]
    public void Addresses_are_what_ip_says()
    {
        using var sandbox = new Sandbox();
        sandbox.Host().Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            netlink.CreateBridge("other");
            var other = netlink.FindLink("other")!.Index;
            var lo = netlink.FindLink("lo")!.Index;
            netlink.AddAddress(lo, IPAddress.Parse("10.77.0.1"), 24);
            netlink.AddAddress(lo, IPAddress.Parse("10.78.0.1"), 32);
            netlink.AddAddress(lo, IPAddress.Parse("fd00::1"), 64);
            LinkAddress[] special =
            [
                new(other, IPAddress.Parse("10.79.0.1"), 30, Peer: IPAddress.Parse("10.79.0.2")),
                new(other, IPAddress.Parse("10.80.0.1"), 24, Scope: NetworkScope.Host, Flags: AddressFlags.NoPrefixRoute),
                new(other, IPAddress.Parse("fd01::1"), 128, Peer: IPAddress.Parse("fd01::2")),
                new(other, IPAddress.Parse("fd02::1"), 64, Flags: AddressFlags.NoPrefixRoute | AddressFlags.NoDuplicateDetection),
            ];
            foreach (var address in special)
            {
                netlink.AddAddress(address);
                Should.Throw<NetlinkException>(() => netlink.AddAddress(address)).Errno.ShouldBe(Errno.EEXIST);
            }

            var addresses = netlink.GetAddresses();
            var said = Sandbox.Ip("address").SelectMany(link => link!["addr_info"]!.AsArray().Select(info =>
                $"{(int)link["ifindex"]!} {(string)info!["local"]!} {(string?)info["address"]}/{(int)info["prefixlen"]!} {(string)info["scope"]!} {(bool?)info["nodad"] ?? false} {(bool?)info["noprefixroute"] ?? false}"));
            addresses.Select(address =>
                $"{address.LinkIndex} {address.Address} {address.Peer}/{address.PrefixLength} {(address.Scope == NetworkScope.Universe ? "global" : "host")} "
                + $"{address.Flags.HasFlag(AddressFlags.NoDuplicateDetection)} {address.Flags.HasFlag(AddressFlags.NoPrefixRoute)}")
                .ShouldBe(said, ignoreOrder: true);
            addresses.Count.ShouldBe(7);
            addresses.ShouldAllBe(address => address.Flags.HasFlag(AddressFlags.Permanent));
            netlink.GetAddresses(other).ShouldBe(addresses.Where(address => address.LinkIndex == other), ignoreOrder: true);
            netlink.GetAddresses(4711).ShouldBeEmpty();

            foreach (var address in addresses)
            {
                netlink.DeleteAddress(address);
                Should.Throw<NetlinkException>(() => netlink.DeleteAddress(address)).Errno.ShouldBe(Errno.EADDRNOTAVAIL);
            }

            netlink.GetAddresses().ShouldBeEmpty();
        });
    }

    [Theory]
    [InlineData(AddressFamily.InterNetwork, "192.0.2.1", "192.0.2.2", "192.0.2.3", "10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16", "0.0.0.0/0")]
    [InlineData(AddressFamily.InterNetworkV6, "2001:db8::1", "2001:db8::2", "2001:db8::3", "fd01::/64", "fd02::/64", "fd03::/64", "::/0")]
    public void Routes_are_what_ip_says(AddressFamily family, string own, string near, string far, string first, string second, string third, string everything)
    {
        using var sandbox = new Sandbox();
        sandbox.Pair().Left.Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            var link = netlink.FindLink("eth0")!.Index;
            if (family == AddressFamily.InterNetworkV6)
            {
                netlink.AddAddress(link, IPAddress.Parse(own), 64);
            }

            netlink.AddRoute(new Route(IpPrefix.Parse(first), link));
            netlink.AddRoute(new Route(IpPrefix.Parse(second), link, IPAddress.Parse(near), IPAddress.Parse(own), 7));
            netlink.AddRoute(new Route(IpPrefix.Parse(everything), link, Gateway: IPAddress.Parse(near), Metric: 9));
            netlink.ReplaceRoute(new Route(IpPrefix.Parse(everything), link, IPAddress.Parse(far), Metric: 9));
            netlink.AddRoute(new Route(IpPrefix.Parse(everything), link, Table: 51820));
            netlink.AddRoute(new Route(IpPrefix.Parse(first), link, IPAddress.Parse(near), Metric: 3, Table: 200, Protocol: 99));
            foreach (var type in new[] { RouteType.Blackhole, RouteType.Unreachable, RouteType.Prohibit, RouteType.Throw })
            {
                netlink.AddRoute(new Route(IpPrefix.Parse(third), Metric: 100 + (uint)type, Type: type, Table: 70000));
            }

            // The kernel makes the routes of an IPv6 address a little after it: what is compared is what both saw with nothing in between.
            List<Route> routes = [];
            List<string> said = [];
            Wait.Until(
                () =>
                {
                    routes = [.. netlink.GetRoutes(new RouteFilter(family))];
                    said = [.. Sandbox.Ip(family == AddressFamily.InterNetworkV6 ? "-6" : "-4", "-N", "route", "show", "table", "all").Select(route => FromIp(route!, family, link))];
                    return netlink.GetRoutes(new RouteFilter(family)).SequenceEqual(routes);
                },
                "the kernel is done with its own routes");
            routes.Select(Essence).ShouldBe(said, ignoreOrder: true);

            // Each filter leaves what it says.
            netlink.GetRoutes(new RouteFilter(family, Table: 51820)).ShouldHaveSingleItem().Destination.ShouldBe(IpPrefix.Parse(everything));
            netlink.GetRoutes(new RouteFilter(family, Table: 70000)).Count.ShouldBe(4);
            netlink.GetRoutes(new RouteFilter(family, Protocol: 99)).ShouldHaveSingleItem().Table.ShouldBe(200u);
            netlink.GetRoutes(new RouteFilter(family, Type: RouteType.Prohibit)).ShouldHaveSingleItem().Metric.ShouldBe(108u);
            netlink.GetRoutes(new RouteFilter(family, Table: 4711)).ShouldBeEmpty();
            netlink.GetRoutes(family, link).ShouldAllBe(route => route.Table == RouteTable.Main && route.Type == RouteType.Unicast && route.LinkIndex == link);

            var ours = routes.Where(route => route.Protocol == RouteNetlink.OwnProtocol).ToList();
            ours.Count.ShouldBe(8);
            foreach (var route in ours)
            {
                netlink.DeleteRoute(route);
                Should.Throw<NetlinkException>(() => netlink.DeleteRoute(route)).Errno.ShouldBe(Errno.ESRCH);
            }

            netlink.GetRoutes(new RouteFilter(family)).ShouldBe(routes.Except(ours), ignoreOrder: true);
        });
    }

    [Theory]
    [InlineData("-4", "10.1.0.0/16")]
    [InlineData("-6", "fd01::/64")]
    public void A_foreign_route_of_the_same_destination_and_link_is_never_deleted(string family, string destination)
    {
        using var sandbox = new Sandbox();
        sandbox.Pair().Left.Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            var link = netlink.FindLink("eth0")!.Index;
            Sandbox.Run("ip", family, "route", "add", destination, "dev", "eth0", "protocol", "static");
            Should.Throw<NetlinkException>(() => netlink.DeleteRoute(new Route(IpPrefix.Parse(destination), link))).Errno.ShouldBe(Errno.ESRCH);
            Sandbox.Run("ip", family, "route", "show", destination).ShouldContain("static");
        });
    }

    [Fact]
    public void A_namespace_without_routes_has_none()
    {
        using var sandbox = new Sandbox();
        sandbox.Host().Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            netlink.GetRoutes().ShouldBeEmpty();
        });
    }

    [Fact]
    public void Thousands_of_addresses_are_listed_whole()
    {
        using var sandbox = new Sandbox();
        sandbox.Host().Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            var prefix = IpPrefix.Parse("10.77.0.0/16");
            for (var i = 0; i < 3000; i++)
            {
                netlink.AddAddress(1, prefix.AddressAt(i), 32);
            }

            netlink.GetAddresses().Select(address => address.Address).ShouldBe(Enumerable.Range(0, 3000).Select(i => prefix.AddressAt(i)), ignoreOrder: true);
        });
    }

    [Fact]
    public void A_refusal_says_what_was_tried_and_the_kernels_own_words()
    {
        using var sandbox = new Sandbox();
        sandbox.Host().Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            netlink.CreateBridge("switch");
            var taken = Should.Throw<NetlinkException>(() => netlink.CreateBridge("switch"));
            taken.Errno.ShouldBe(Errno.EEXIST);
            taken.Message.ShouldContain("making the bridge switch");
            taken.Message.ShouldContain("EEXIST");

            var unreachable = Should.Throw<NetlinkException>(() =>
                netlink.AddRoute(new Route(IpPrefix.Parse("10.0.0.0/8"), Gateway: IPAddress.Parse("203.0.113.1"))));
            unreachable.KernelMessage.ShouldNotBeNullOrEmpty();
            unreachable.Message.ShouldContain(unreachable.KernelMessage);

            Should.Throw<NetlinkException>(() => netlink.SetUp(4711)).Errno.ShouldBe(Errno.ENODEV);
            netlink.FindLink("nothing").ShouldBeNull();
        });
    }

    [Fact]
    public void A_socket_stays_in_the_namespace_where_it_was_opened()
    {
        using var sandbox = new Sandbox();
        using var netlink = sandbox.Namespace().Run(() =>
        {
            var opened = RouteNetlink.Open();
            opened.CreateBridge("inside");
            return opened;
        });
        netlink.GetLinks().ShouldContain(link => link.Name == "inside");
        using var here = RouteNetlink.Open();
        here.FindLink("inside").ShouldBeNull();
    }

    [Fact]
    public void Many_threads_may_use_one_socket()
    {
        using var sandbox = new Sandbox();
        using var netlink = sandbox.Namespace().Run(RouteNetlink.Open);
        Parallel.For(0, 200, i =>
        {
            netlink.AddAddress(1, IPAddress.Parse($"10.77.0.{i}"), 32);
            netlink.GetAddresses().ShouldContain(address => address.Address.Equals(IPAddress.Parse($"10.77.0.{i}")));
        });
        netlink.GetAddresses().Count.ShouldBe(200);
    }

    [Fact]
    public void Two_namespaces_ping_each_other_over_veth()
    {
        using var sandbox = new Sandbox();
        var (left, right) = sandbox.Pair();
        left.Run(() => Sandbox.Run("ping", "-c", "1", "-W", "2", "192.0.2.2"));
        right.Run(() => Sandbox.Run("ping", "-c", "1", "-W", "2", "192.0.2.1"));
    }

    [Fact]
    public void Without_the_right_every_change_is_refused_and_reading_is_free()
    {
        using var sandbox = new Sandbox();
        var network = sandbox.Namespace();
        using var unprivileged = NamespaceThread.Start(network);
        unprivileged.Run(() =>
        {
            Privileges.DropNetworkAdministration();
            using var netlink = RouteNetlink.Open();
            netlink.GetLinks().ShouldHaveSingleItem().Name.ShouldBe("lo");
            netlink.GetRules(AddressFamily.InterNetwork).Count.ShouldBe(3);
            var route = new Route(IpPrefix.Parse("10.0.0.0/8"), 1);
            var rule = new RoutingRule(AddressFamily.InterNetwork, 5, 6);
            Action[] changes =
            [
                () => netlink.CreateBridge("switch"),
                () => netlink.CreateVeth("left", "right"),
                () => netlink.SetUp(1),
                () => netlink.SetMtu(1, 1400),
                () => netlink.Rename(1, "other"),
                () => netlink.DeleteLink(1),
                () => netlink.AddAddress(1, IPAddress.Parse("10.0.0.1"), 32),
                () => netlink.DeleteAddress(1, IPAddress.Parse("10.0.0.1"), 32),
                () => netlink.AddRoute(route),
                () => netlink.DeleteRoute(route),
                () => netlink.AddRule(rule),
                () => netlink.DeleteRule(rule),
            ];
            foreach (var change in changes)
            {
                Should.Throw<NetlinkException>(change).Errno.ShouldBe(Errno.EPERM);
            }
        });
    }

    [Fact]
    public void What_is_not_there_has_an_error_number_of_its_own()
    {
        using var sandbox = new Sandbox();
        sandbox.Host().Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            Should.Throw<NetlinkException>(() => netlink.DeleteLink(4711)).Errno.ShouldBe(Errno.ENODEV);
            Should.Throw<NetlinkException>(() => netlink.Rename(4711, "other")).Errno.ShouldBe(Errno.ENODEV);
            Should.Throw<NetlinkException>(() => netlink.AddAddress(4711, IPAddress.Parse("10.0.0.1"), 32)).Errno.ShouldBe(Errno.ENODEV);
            Should.Throw<NetlinkException>(() => netlink.AddRoute(new Route(IpPrefix.Parse("10.0.0.0/8"), 4711))).Errno.ShouldBe(Errno.ENODEV);
            netlink.CreateBridge("switch");
            Should.Throw<NetlinkException>(() => netlink.AddRoute(new Route(IpPrefix.Parse("10.0.0.0/8"), netlink.FindLink("switch")!.Index))).Errno.ShouldBe(Errno.ENETDOWN);
            Should.Throw<NetlinkException>(() => netlink.SetMtu(netlink.FindLink("switch")!.Index, 1)).Errno.ShouldBe(Errno.EINVAL);
            Should.Throw<ArgumentException>(() => netlink.CreateBridge("a name of far too many bytes")).Message.ShouldContain("far too many");
            Should.Throw<ArgumentException>(() => netlink.CreateBridge(""));
            netlink.FindLink(new string('x', 5000)).ShouldBeNull();
        });
    }

    [Fact]
    public void A_wireguard_link_is_made_where_the_kernel_has_it_and_refused_plainly_where_not()
    {
        using var sandbox = new Sandbox();
        sandbox.Host().Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            try
            {
                netlink.CreateWireGuard("wg0");
                netlink.FindLink("wg0")!.Kind.ShouldBe("wireguard");
            }
            catch (NetlinkException exception)
            {
                exception.Errno.ShouldBe(Errno.EOPNOTSUPP);
                exception.KernelMessage.ShouldBe("Unknown device type");
                Sandbox.TryRun("ip", "link", "add", "wg1", "type", "wireguard").ExitCode.ShouldNotBe(0, "iproute2 can make one here");
            }
        });
    }

    private static string Essence(Route route) =>
        $"{route.Type} {route.Destination} by {(route.Type == RouteType.Unicast ? route.LinkIndex : null)} via {route.Gateway} from {route.Source} metric {route.Metric} protocol {route.Protocol} table {route.Table}";

    private static string FromIp(JsonNode route, AddressFamily family, int eth0)
    {
        var isIPv6 = family == AddressFamily.InterNetworkV6;
        var destination = (string)route["dst"]!;
        var prefix = destination switch
        {
            "default" => IpPrefix.Parse(isIPv6 ? "::/0" : "0.0.0.0/0"),
            _ when destination.Contains('/', StringComparison.Ordinal) => IpPrefix.Parse(destination),
            _ => IpPrefix.Of(IPAddress.Parse(destination)),
        };
        var type = Enum.Parse<RouteType>((string)route["type"]!);
        var table = (string?)route["table"] ?? "254";
        return $"{type} {prefix} by {(type == RouteType.Unicast ? (string?)route["dev"] == "eth0" ? eth0 : 1 : null)} via {(string?)route["gateway"]} "
            + $"from {(string?)route["prefsrc"]} metric {(uint?)route["metric"] ?? 0} protocol {(string)route["protocol"]!} table {table}";
    }
}
