using System.Net;
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
            var lo = netlink.FindLink("lo")!.Index;
            netlink.AddAddress(lo, IPAddress.Parse("10.77.0.1"), 24);
            netlink.AddAddress(lo, IPAddress.Parse("10.78.0.1"), 32);
            netlink.AddAddress(lo, IPAddress.Parse("fd00::1"), 64);

            var said = Sandbox.Ip("address").SelectMany(link => link!["addr_info"]!.AsArray()
                .Select(info => new LinkAddress((int)link["ifindex"]!, IPAddress.Parse((string)info!["local"]!), (int)info["prefixlen"]!)));
            netlink.GetAddresses().ShouldBe(said, ignoreOrder: true);
            netlink.GetAddresses().Count.ShouldBe(3);

            netlink.DeleteAddress(lo, IPAddress.Parse("10.78.0.1"), 32);
            netlink.GetAddresses().ShouldNotContain(address => address.PrefixLength == 32);
        });
    }

    [Fact]
    public void Routes_are_what_ip_says()
    {
        using var sandbox = new Sandbox();
        sandbox.Pair().Left.Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            var link = netlink.FindLink("eth0")!.Index;
            netlink.AddRoute(new Route(IpPrefix.Parse("10.1.0.0/16"), link));
            netlink.AddRoute(new Route(IpPrefix.Parse("10.2.0.0/16"), link, IPAddress.Parse("192.0.2.2"), IPAddress.Parse("192.0.2.1"), 7));
            netlink.AddRoute(new Route(IpPrefix.Parse("0.0.0.0/0"), Gateway: IPAddress.Parse("192.0.2.2")));
            netlink.ReplaceRoute(new Route(IpPrefix.Parse("0.0.0.0/0"), link, IPAddress.Parse("192.0.2.3")));

            var routes = netlink.GetRoutes();
            var said = Sandbox.Ip("-4", "-N", "route");
            routes.Count.ShouldBe(said.Count);
            foreach (var route in said)
            {
                var destination = (string)route!["dst"]!;
                routes.ShouldContain(new Route(
                    destination == "default" ? IpPrefix.Parse("0.0.0.0/0") : IpPrefix.Parse(destination),
                    link,
                    route["gateway"] is { } gateway ? IPAddress.Parse((string)gateway!) : null,
                    route["prefsrc"] is { } source ? IPAddress.Parse((string)source!) : null,
                    (uint?)route["metric"] ?? 0,
                    byte.Parse((string)route["protocol"]!)));
            }

            routes.Count(route => route.Protocol == RouteNetlink.OwnProtocol).ShouldBe(3);
            foreach (var route in routes.Where(route => route.Protocol == RouteNetlink.OwnProtocol))
            {
                netlink.DeleteRoute(route);
            }

            netlink.GetRoutes().ShouldHaveSingleItem().Destination.ShouldBe(IpPrefix.Parse("192.0.2.0/24"));
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
}
