using System.Net;
using System.Net.Sockets;
using Elysium.Linux.Firewall;
using Elysium.WireGuard;

namespace Elysium.Linux.Tests;

public sealed class InterfaceReconcilerTests : IDisposable
{
    private readonly Sandbox _sandbox = new();
    private readonly TunnelEnd _left;
    private readonly TunnelEnd _right;
    private readonly InterfaceSpec _leftSpec;
    private readonly InterfaceSpec _rightSpec;

    public InterfaceReconcilerTests()
    {
        var (left, right) = _sandbox.Pair();
        _left = new TunnelEnd(_sandbox, left, "10.77.0.1");
        _right = new TunnelEnd(_sandbox, right, "10.77.0.2");
        _leftSpec = _left.Spec(_right.AsPeer("192.0.2.2:51820"));
        _rightSpec = _right.Spec(_left.AsPeer("192.0.2.1:51820"));
        try
        {
            _left.Reconcile(_leftSpec).Changed.ShouldBeTrue();
            _right.Reconcile(_rightSpec).Changed.ShouldBeTrue();
        }
        catch
        {
            // Nobody disposes of what was not constructed.
            Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _left.Dispose();
        _right.Dispose();
        _sandbox.Dispose();
    }

    [Fact]
    public void Two_machines_reach_each_other_and_a_second_pass_changes_nothing()
    {
        _left.Ping(_right);
        _right.Ping(_left);
        var report = _left.Reconcile(_leftSpec);
        report.Changes.ShouldBeEmpty();
        report.Problems.ShouldBeEmpty();
        var peer = report.Device.Peers.ShouldHaveSingleItem();
        peer.LastHandshake.ShouldNotBeNull().ShouldBe(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(1));
        peer.ReceivedBytes.ShouldBeGreaterThan(0);
        peer.SentBytes.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void The_device_is_what_wg_says()
    {
        var show = _left.Run("wg", "show", "wg0", "dump").Split('\n')[0].Split('\t');
        var device = _left.Read().ShouldNotBeNull();
        show.ShouldBe([device.PrivateKey!.ToBase64(), device.PrivateKey.PublicKey.ToString(), "51820", "off"]);
        var peer = _left.Run("wg", "show", "wg0", "dump").Split('\n')[1].Split('\t');
        peer[..4].ShouldBe([_right.Key.PublicKey.ToString(), "(none)", "192.0.2.2:51820", "10.77.0.2/32"]);
    }

    [Theory]
    [InlineData("ip link delete wg0", "device made")]
    [InlineData("ip address del 10.77.0.1/32 dev wg0", "address 10.77.0.1/32 added")]
    [InlineData("ip address add 10.99.0.1/24 dev wg0", "address 10.99.0.1/24 removed")]
    [InlineData("ip address add 10.77.0.1/16 dev wg0", "address 10.77.0.1/16 removed")]
    [InlineData("ip route del 10.77.0.0/24 dev wg0", "route 10.77.0.0/24 added")]
    [InlineData("ip route add 10.66.0.0/24 dev wg0 proto 225", "route 10.66.0.0/24 removed")]
    [InlineData("ip link set wg0 mtu 1300", "MTU 1300 → 1420")]
    [InlineData("ip link set wg0 down", "switched on")]
    [InlineData("wg set wg0 listen-port 40000", "listen port 51820")]
    [InlineData("wg set wg0 fwmark 7", "firewall mark 0")]
    [InlineData("wg set wg0 private-key /dev/stdin", "private key set")]
    [InlineData("wg set wg0 peer PEER remove", "peer PEER added")]
    [InlineData("wg set wg0 peer PEER allowed-ips 10.77.0.9/32", "peer PEER: allowed IPs added: 10.77.0.2/32")]
    [InlineData("wg set wg0 peer PEER persistent-keepalive 25", "peer PEER: keepalive 0")]
    [InlineData("wg set wg0 peer OTHER allowed-ips 10.77.0.2/32", "peer OTHER removed")]
    public void What_someone_changes_by_hand_heals(string command, string change)
    {
        var other = PrivateKey.Generate();
        string Named(string text) => text.Replace("PEER", _right.Key.PublicKey.ToString()).Replace("OTHER", other.PublicKey.ToString());
        _left.Ping(_right);
        _left.Run("sh", "-c", (command.Contains("stdin") ? $"echo {other.ToBase64()} | " : "") + Named(command));

        _left.Reconcile(_leftSpec).Changes.ShouldContain(Named(change));

        _left.Reconcile(_leftSpec).Changes.ShouldBeEmpty();
        _left.Ping(_right);
    }

    [Fact]
    public void A_killed_engine_is_started_again_and_leaves_no_zombie()
    {
        var killed = Engines().ShouldHaveSingleItem();
        Sandbox.Run("kill", "-9", killed);
        _left.Reconcile(_leftSpec).Changes.ShouldContain("device made");
        _left.Ping(_right);
        Directory.Exists($"/proc/{killed}").ShouldBeFalse();
        Engines().ShouldHaveSingleItem().ShouldNotBe(killed);
    }

    [Fact]
    public void Another_reconciler_adopts_what_runs_and_traffic_does_not_stop()
    {
        _left.Ping(_right);
        var before = Engines();
        using var adopting = _left.Host.Run(() => TunnelEnd.Reconciler(_left.Folder));
        _left.Host.Run(() => adopting.Reconcile(_leftSpec, CancellationToken.None)).Changes.ShouldBeEmpty();
        Engines().ShouldBe(before);
        _left.Host.Run(() => adopting.Remove("wg0", CancellationToken.None)).ShouldBeTrue();
        _left.With(netlink => netlink.FindLink("wg0")).ShouldBeNull();
    }

    [Fact]
    public void A_device_that_another_installation_made_is_left_alone()
    {
        using var stranger = _left.Host.Run(() => TunnelEnd.Reconciler(Path.Join(_sandbox.Folder, "stranger")));
        var own = _leftSpec with { Device = _leftSpec.Device with { PrivateKey = PrivateKey.Generate() } };
        _left.Host.Run(() => Should.Throw<WireGuardEngineException>(() => stranger.Reconcile(own, CancellationToken.None))).Failure.ShouldBe(EngineFailure.ForeignDevice);
        _left.Host.Run(() => stranger.Remove("wg0", CancellationToken.None)).ShouldBeFalse();
        stranger.Owned.ShouldBeEmpty();
        _left.Reconcile(_leftSpec).Changes.ShouldBeEmpty();
        _left.Ping(_right);
    }

    [Theory]
    [InlineData("ip link set wg0 mtu 1300")]
    [InlineData("ip link delete wg0")]
    [InlineData("ip address add 10.99.0.1/24 dev wg0")]
    [InlineData("ip address del 10.77.0.1/32 dev wg0")]
    [InlineData("ip route del 10.77.0.0/24 dev wg0")]
    [InlineData("ip link add wg0 type bridge", "ip link delete wg0")]
    public async Task What_the_kernel_tells_of_our_interface_is_heard_and_of_others_is_not(string command, string first = "true")
    {
        using var reconciler = _left.Host.Run(() => TunnelEnd.Reconciler(_left.Folder));
        _left.Host.Run(() => reconciler.Reconcile(_leftSpec, CancellationToken.None));
        _left.Run("sh", "-c", first);
        using var monitor = _left.Host.Run(() => NetlinkMonitor.Open());

        _left.Run("sh", "-c", $"ip address add 198.51.100.77/32 dev eth0; ip route add 203.0.113.0/24 dev eth0; {command}");

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var others = 0;
        await foreach (var change in monitor.ReadAsync(limit.Token))
        {
            if (reconciler.IsConcerned("wg0", change))
            {
                break;
            }

            others++;
        }

        others.ShouldBeGreaterThan(1, "the address and the route of eth0 came first");
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("{")]
    public void A_lost_note_about_an_interface_is_made_up_for_by_its_key(string note)
    {
        var path = Path.Join(_left.Folder, "wg0.interface");
        File.Exists(path).ShouldBeTrue();
        if (note == "lost")
        {
            File.Delete(path);
        }
        else
        {
            File.WriteAllText(path, note);
        }

        using var restarted = _left.Host.Run(() => TunnelEnd.Reconciler(_left.Folder));
        _left.Host.Run(() => restarted.Reconcile(_leftSpec, CancellationToken.None)).Changes.ShouldBeEmpty();
        _left.Host.Run(() => restarted.Owned).ShouldBe(["wg0"]);
        _left.Host.Run(() => restarted.Remove("wg0", CancellationToken.None)).ShouldBeTrue();
    }

    [Fact]
    public void A_peer_that_is_at_port_0_keeps_nobody_from_being_changed()
    {
        // WireGuard takes what a packet came from, and whoever is a peer can send from there.
        _left.Run("wg", "set", "wg0", "peer", _right.Key.PublicKey.ToString(), "endpoint", "192.0.2.2:0");
        _left.Read()!.Peers[0].Endpoint.ShouldBe(IPEndPoint.Parse("192.0.2.2:0"));
        _left.Reconcile(_leftSpec with { Device = _leftSpec.Device with { Peers = [] } }).Changes.ShouldBe([$"peer {_right.Key.PublicKey} removed"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_link_of_ours_that_was_renamed_does_not_go_on_under_its_new_name(bool restarts)
    {
        _left.Ping(_right);
        _left.Run("ip", "link", "set", "wg0", "name", "elsewhere");
        using var restarted = _left.Host.Run(() => TunnelEnd.Reconciler(_left.Folder));

        var report = restarts ? _left.Host.Run(() => restarted.Reconcile(_leftSpec, CancellationToken.None)) : _left.Reconcile(_leftSpec);

        report.Changes.ShouldContain("our link, renamed to elsewhere, removed");
        _left.With(netlink => netlink.FindLink("elsewhere")).ShouldBeNull();
        Engines().ShouldHaveSingleItem();
        _left.Ping(_right);
    }

    [Fact]
    public void Removing_takes_a_link_that_was_renamed_too()
    {
        _left.Run("ip", "link", "set", "wg0", "name", "elsewhere");
        _left.Remove().ShouldBeTrue();
        _left.With(netlink => netlink.FindLink("elsewhere")).ShouldBeNull();
    }

    [Theory]
    [InlineData("10.66.0.0/24", "metric", "100")]
    [InlineData("fd00:66::/64", "metric", "256")]
    public void A_route_of_another_link_with_another_metric_is_left_alone_and_told(string destination, params string[] metric)
    {
        _left.Run("ip", ["route", "add", destination, "dev", "eth0", .. metric]);
        var report = _left.Reconcile(_leftSpec with { Routes = [TunnelEnd.Network, IpPrefix.Parse(destination)] });
        report.Changes.ShouldBeEmpty();
        report.Problems.ShouldHaveSingleItem().ShouldContain("belongs to the link eth0");
    }

    [Fact]
    public void A_key_that_changes_is_no_stranger_after_a_restart()
    {
        using var restarted = _left.Host.Run(() => TunnelEnd.Reconciler(_left.Folder));
        var rotated = _leftSpec with { Device = _leftSpec.Device with { PrivateKey = PrivateKey.Generate() } };
        _left.Host.Run(() => restarted.Reconcile(rotated, CancellationToken.None)).Changes.ShouldBe(["private key set"]);
    }

    [Fact]
    public async Task An_engine_that_is_stuck_holds_up_no_other_interface()
    {
        using var network = _left.Host.Run(NetworkNamespace.Current);
        var other = _sandbox.Host(network);
        var otherSpec = new InterfaceSpec("wg1", 1420, [], [], new DeviceSpec(PrivateKey.Generate(), 51821, []));
        using var reconciler = _left.Host.Run(() => TunnelEnd.Reconciler(_left.Folder));
        var stuck = Engines().ShouldHaveSingleItem();
        try
        {
            other.Run(() => reconciler.Reconcile(otherSpec, CancellationToken.None)).Changed.ShouldBeTrue();
            Sandbox.Run("kill", "-STOP", stuck);
            var waiting = Task.Run(() => _left.Host.Run(() => reconciler.Reconcile(_leftSpec, CancellationToken.None)));

            other.Run(() => reconciler.Reconcile(otherSpec, CancellationToken.None)).Changes.ShouldBeEmpty();

            waiting.IsCompleted.ShouldBeFalse("it waits for its engine");
            Sandbox.Run("kill", "-CONT", stuck);
            (await waiting).Changes.ShouldBeEmpty();
        }
        finally
        {
            Sandbox.Run("kill", "-CONT", stuck);
            other.Run(() => reconciler.Remove("wg1", CancellationToken.None));
        }
    }

    [Fact]
    public void A_peer_that_roamed_stays_where_it_is_until_the_operators_value_changes()
    {
        _right.Ping(_left);
        _right.Run("wg", "set", "wg0", "listen-port", "40001");
        _right.Ping(_left);
        _left.Reconcile(_leftSpec).Changes.ShouldBeEmpty();
        _left.Read()!.Peers[0].Endpoint.ShouldBe(IPEndPoint.Parse("192.0.2.2:40001"));
        using (var restarted = _left.Host.Run(() => TunnelEnd.Reconciler(_left.Folder)))
        {
            _left.Host.Run(() => restarted.Reconcile(_leftSpec, CancellationToken.None)).Changes.ShouldBeEmpty();
        }

        var moved = _left.Spec(_right.AsPeer("192.0.2.2:40002"));
        _left.Reconcile(moved).Changes.ShouldBe([$"peer {_right.Key.PublicKey}: endpoint 192.0.2.2:40002"]);
        _left.Read()!.Peers[0].Endpoint.ShouldBe(IPEndPoint.Parse("192.0.2.2:40002"));
    }

    [Fact]
    public void Removing_takes_link_engine_and_socket_and_can_be_repeated()
    {
        _left.Remove().ShouldBeTrue();
        _left.With(netlink => netlink.FindLink("wg0")).ShouldBeNull();
        _left.Read().ShouldBeNull();
        _left.Host.Run(() => Directory.GetFileSystemEntries("/run/wireguard")).ShouldBeEmpty();
        Engines().ShouldBeEmpty();
        _left.Remove().ShouldBeFalse();
        _left.Reconcile(_leftSpec).Changes.ShouldContain("device made");
        _left.Ping(_right);
    }

    [Fact]
    public void A_route_of_another_link_is_left_alone_and_told()
    {
        _left.Run("ip", "route", "add", "10.66.0.0/24", "dev", "eth0");
        _left.Run("ip", "route", "add", "10.67.0.0/24", "dev", "wg0");
        var report = _left.Reconcile(_leftSpec with { Routes = [TunnelEnd.Network, IpPrefix.Parse("10.66.0.0/24")] });
        report.Changes.ShouldBeEmpty();
        report.Problems.ShouldHaveSingleItem().ShouldContain("belongs to the link eth0");
        _left.Run("ip", "route", "show", "10.66.0.0/24").ShouldContain("dev eth0");
        _left.Run("ip", "route", "show", "10.67.0.0/24").ShouldContain("dev wg0");
    }

    [Fact]
    public void A_taken_port_is_told_and_tried_again()
    {
        using var taken = _left.Host.Run(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Any, 51900));
            return socket;
        });
        var spec = _leftSpec with { Device = _leftSpec.Device with { ListenPort = 51900 } };
        var refused = Should.Throw<WireGuardEngineException>(() => _left.Reconcile(spec));
        refused.Failure.ShouldBe(EngineFailure.PortInUse);
        refused.Message.ShouldContain("51900");

        taken.Dispose();
        _left.Reconcile(spec).Changes.ShouldBe(["listen port 51900"]);
        _left.Ping(_right);
    }

    [Fact]
    public void A_hub_relays_between_two_peers_without_making_a_router_of_the_machine()
    {
        using var third = Third();
        var hub = _left.Spec(_right.AsPeer("192.0.2.2:51820"), third.AsPeer("198.51.100.3:51820"));
        _left.Reconcile(hub);
        _right.Reconcile(_right.Spec(_left.AsPeer("192.0.2.1:51820", TunnelEnd.Network)));
        third.Reconcile(third.Spec(_left.AsPeer("198.51.100.1:51820", TunnelEnd.Network)));
        _left.Ping(_right);
        _left.Ping(third);
        _right.Host.Run(() => Sandbox.TryRun("ping", "-c", "1", "-W", "1", "10.77.0.3")).ExitCode.ShouldNotBe(0, "nothing relays yet");

        _left.Host.Run(() =>
        {
            using var nftables = Nftables.Open();
            nftables.Apply(new FirewallSpec([new FirewallInterface("wg0", [TunnelEnd.Network])]));
        });
        _left.Reconcile(hub with { Forwarding = true }).Changes.ShouldBe(["net/ipv4/conf/wg0/forwarding = 1"]);
        _left.Reconcile(hub with { Forwarding = true }).Changes.ShouldBeEmpty();
        var output = _right.Run("ping", "-c", "5", "-i", "0.2", "-W", "5", "10.77.0.3");
        output.ShouldContain(" 0% packet loss");
        output.ShouldNotContain("Redirect");
        _left.Host.Run(() => Sysctl.Read("net/ipv4/ip_forward")).ShouldBe("0");
        _left.Host.Run(() => Sysctl.Read("net/ipv4/conf/eth0/forwarding")).ShouldBe("0");
    }

    [Fact]
    public void A_hub_relays_IPv6_too_and_opens_no_more_than_it_must()
    {
        using var third = Third();
        var (own, network) = (IPAddress.Parse("fd00:77::1"), IpPrefix.Parse("fd00:77::/64"));
        var hub = _left.Spec(_right.AsPeer("192.0.2.2:51820", IpPrefix.Parse("fd00:77::2/128")), third.AsPeer("198.51.100.3:51820", IpPrefix.Parse("fd00:77::3/128")))
            with
        { Addresses = [new InterfaceAddress(own, 64)], Routes = [], Forwarding = true };
        InterfaceSpec Member(TunnelEnd end, string address, string at) =>
            end.Spec(_left.AsPeer(at, network)) with { Addresses = [new InterfaceAddress(IPAddress.Parse(address), 128)], Routes = [network] };

        _left.Reconcile(hub).Problems.ShouldBeEmpty();
        _right.Reconcile(Member(_right, "fd00:77::2", "192.0.2.1:51820")).Problems.ShouldBeEmpty();
        third.Reconcile(Member(third, "fd00:77::3", "198.51.100.1:51820")).Problems.ShouldBeEmpty();

        _right.Run("ping", "-c", "1", "-w", "10", "-i", "0.2", "fd00:77::3").ShouldContain("bytes from");
        _left.Run("ip", "-6", "route", "get", "fd00:77::2").ShouldContain("dev wg0");
        _left.Reconcile(hub).Changes.ShouldBeEmpty();

        // Before Linux 6.17 there is only the parameter of all links.
        var opened = _left.Host.Run(() => Sysctl.Read("net/ipv6/conf/wg0/force_forwarding")) == "1" ? "0" : "1";
        _left.Host.Run(() => Sysctl.Read("net/ipv6/conf/all/forwarding")).ShouldBe(opened);
        _left.Host.Run(() => Sysctl.Read("net/ipv6/conf/eth0/forwarding")).ShouldBe(opened);
    }

    [Fact]
    public void An_older_kernel_relays_IPv6_for_all_links_and_gets_back_what_it_had()
    {
        // Before Linux 6.17 the parameter of one link is not there.
        var empty = Directory.CreateDirectory(Path.Join(_sandbox.Folder, "empty")).FullName;
        _left.Run("mount", "--bind", empty, "/proc/sys/net/ipv6/conf/wg0");
        _left.Run("sysctl", "-qw", "net.ipv6.conf.eth0.accept_ra=1");
        var hub = _leftSpec with { Addresses = [.. _leftSpec.Addresses, new InterfaceAddress(IPAddress.Parse("fd00:77::1"), 64)], Forwarding = true };

        var report = _left.Reconcile(hub);
        report.Problems.ShouldBeEmpty();
        report.Changes.ShouldContain("net/ipv6/conf/eth0/accept_ra = 2");
        report.Changes.ShouldContain("net/ipv6/conf/all/forwarding = 1");
        _left.Reconcile(hub).Changes.ShouldBeEmpty();

        // Also by the next run of the program.
        using var restarted = _left.Host.Run(() => TunnelEnd.Reconciler(_left.Folder));
        _left.Host.Run(() => restarted.Remove("wg0", CancellationToken.None)).ShouldBeTrue();
        _left.Host.Run(() => Sysctl.Read("net/ipv6/conf/all/forwarding")).ShouldBe("0");
        _left.Host.Run(() => Sysctl.Read("net/ipv6/conf/eth0/accept_ra")).ShouldBe("1");
    }

    [Fact]
    public void A_machine_without_IPv6_goes_without_it_and_says_so()
    {
        var network = IpPrefix.Parse("fd00:77::/64");
        _left.Run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.wg0.disable_ipv6=1");
        var spec = _leftSpec with { Addresses = [.. _leftSpec.Addresses, new InterfaceAddress(IPAddress.Parse("fd00:77::1"), 128)], Routes = [.. _leftSpec.Routes, network] };

        var report = _left.Reconcile(spec);

        report.Problems.ShouldBe([
            "IPv6 is switched off on this machine: wg0 goes without fd00:77::1/128.",
            "IPv6 is switched off on this machine: wg0 goes without the route to fd00:77::/64."]);
        _left.Ping(_right);
        _left.Run("sysctl", "-qw", "net.ipv6.conf.wg0.disable_ipv6=0");
        _left.Reconcile(spec).Problems.ShouldBeEmpty();
        _left.Reconcile(spec).Changes.ShouldBeEmpty();
    }

    [Fact]
    public void A_note_that_cannot_be_written_is_a_problem_and_the_interface_works()
    {
        _left.Remove();
        var full = Path.Join(_sandbox.Folder, "full");
        Directory.CreateDirectory(full);
        using var reconciler = _left.Host.Run(() =>
        {
            // No room for a single file.
            Sandbox.Run("mount", "-t", "tmpfs", "-o", "size=4k,nr_inodes=1", "tmpfs", full);
            return new InterfaceReconciler(new WireGuardGo(_left.Folder, TimeProvider.System), full, TimeProvider.System);
        });
        var report = _left.Host.Run(() => reconciler.Reconcile(_leftSpec, CancellationToken.None));
        report.Problems.Count.ShouldBe(2);
        report.Problems[0].ShouldStartWith("It cannot be written down that wg0 is ours");
        report.Problems[1].ShouldStartWith("It cannot be written down where the peers of wg0 should be");
        _left.Host.Run(() => reconciler.IsForeign("wg0")).ShouldBeFalse();
        _left.Host.Run(() => reconciler.Owned).ShouldBe(["wg0"]);
        _left.Ping(_right);
        _left.Host.Run(() => reconciler.Reconcile(_leftSpec, CancellationToken.None)).Changes.ShouldBeEmpty();
        _left.Host.Run(() => reconciler.Remove("wg0", CancellationToken.None)).ShouldBeTrue();
    }

    [Fact]
    public void A_read_only_proc_sys_is_told_as_a_problem_and_the_interface_works()
    {
        _left.Run("mount", "-o", "bind,ro", "/proc/sys", "/proc/sys");
        var report = _left.Reconcile(_leftSpec with { Forwarding = true });
        report.Problems.ShouldHaveSingleItem().ShouldBe(
            "wg0 does not relay between peers: net/ipv4/conf/wg0/forwarding is 0 and should be 1: /proc/sys is read-only here, as in most containers; set it outside, or with the container's own option (--sysctl).");
        _left.Ping(_right);
    }

    // A third machine, on a wire of its own with the left one: 198.51.100.1 and .3.
    private TunnelEnd Third()
    {
        var thirdHost = _sandbox.Host();
        using var thirdNetwork = thirdHost.Run(NetworkNamespace.Current);
        _left.With(netlink =>
        {
            netlink.CreateVeth("eth1", "third");
            netlink.MoveToNamespace(netlink.FindLink("third")!.Index, thirdNetwork);
            netlink.AddAddress(netlink.FindLink("eth1")!.Index, IPAddress.Parse("198.51.100.1"), 24);
            netlink.SetUp(netlink.FindLink("eth1")!.Index);
            return true;
        });
        var third = new TunnelEnd(_sandbox, thirdHost, "10.77.0.3");
        third.With(netlink =>
        {
            netlink.AddAddress(netlink.FindLink("third")!.Index, IPAddress.Parse("198.51.100.3"), 24);
            netlink.SetUp(netlink.FindLink("third")!.Index);
            return true;
        });
        return third;
    }

    private List<string> Engines() => Processes.In(_left.Host, "wireguard-go");
}
