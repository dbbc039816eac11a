using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Elysium.WireGuard;

namespace Elysium.Linux.Tests;

public sealed class NetlinkMonitorTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task What_others_do_is_told_and_only_in_this_namespace()
    {
        using var sandbox = new Sandbox();
        var (here, elsewhere) = (sandbox.Host(), sandbox.Host());
        using var monitor = here.Run(() => NetlinkMonitor.Open());
        elsewhere.Run(() => Sandbox.Run("ip", "link", "add", "foreign", "type", "bridge"));
        here.Run(() =>
        {
            Sandbox.Run("ip", "link", "add", "left", "type", "veth", "peer", "name", "right");
            Sandbox.Run("ip", "link", "set", "left", "mtu", "1400");
            Sandbox.Run("ip", "link", "set", "left", "up");
            Sandbox.Run("ip", "link", "set", "right", "up");
            Sandbox.Run("ip", "address", "add", "10.0.0.1/24", "dev", "left");
            Sandbox.Run("ip", "address", "add", "fd00::1/64", "dev", "left", "nodad");
            Sandbox.Run("ip", "route", "add", "10.1.0.0/16", "via", "10.0.0.2");
            Sandbox.Run("ip", "-6", "route", "add", "fd01::/64", "via", "fd00::2", "table", "1000");
            Sandbox.Run("ip", "rule", "add", "fwmark", "5", "table", "1000", "priority", "9");
            Sandbox.Run("ip", "-6", "rule", "add", "fwmark", "6", "table", "1000", "priority", "9");
            Sandbox.Run("ip", "rule", "del", "priority", "9");
            Sandbox.Run("ip", "-6", "rule", "del", "priority", "9");
            Sandbox.Run("ip", "route", "del", "10.1.0.0/16");
            Sandbox.Run("ip", "-6", "route", "del", "fd01::/64", "table", "1000");
            Sandbox.Run("ip", "address", "del", "10.0.0.1/24", "dev", "left");
            Sandbox.Run("ip", "address", "del", "fd00::1/64", "dev", "left");
            Sandbox.Run("ip", "link", "del", "left");
        });

        var seen = await ReadUntil(monitor, changes => changes.OfType<NetworkChange.LinkDeleted>().Count() == 2);
        seen.ShouldNotContain(new NetworkChange.Lost());
        seen.OfType<NetworkChange.LinkChanged>().Select(change => change.Link.Name).Distinct().ShouldBe(["left", "right"], ignoreOrder: true);
        seen.OfType<NetworkChange.LinkChanged>().ShouldContain(change => change.Link.Name == "left" && change.Link.Mtu == 1400 && change.Link.IsUp && change.Link.IsRunning);
        seen.OfType<NetworkChange.LinkDeleted>().Select(change => change.Link.Name).ShouldBe(["left", "right"], ignoreOrder: true);
        foreach (var address in new[] { "10.0.0.1", "fd00::1" }.Select(IPAddress.Parse))
        {
            seen.OfType<NetworkChange.AddressAdded>().ShouldContain(change => change.Address.Address.Equals(address));
            seen.OfType<NetworkChange.AddressRemoved>().ShouldContain(change => change.Address.Address.Equals(address));
        }

        foreach (var (destination, table) in new[] { ("10.1.0.0/16", RouteTable.Main), ("fd01::/64", 1000u) })
        {
            seen.OfType<NetworkChange.RouteAdded>().ShouldContain(change => change.Route.Destination == IpPrefix.Parse(destination) && change.Route.Table == table);
            seen.OfType<NetworkChange.RouteRemoved>().ShouldContain(change => change.Route.Destination == IpPrefix.Parse(destination) && change.Route.Table == table);
        }

        foreach (var (family, mark) in new[] { (AddressFamily.InterNetwork, 5u), (AddressFamily.InterNetworkV6, 6u) })
        {
            seen.OfType<NetworkChange.RuleAdded>().ShouldContain(change => change.Rule.Family == family && change.Rule.Mark == mark);
            seen.OfType<NetworkChange.RuleRemoved>().ShouldContain(change => change.Rule.Family == family && change.Rule.Mark == mark);
        }
    }

    [Fact]
    public async Task A_port_that_leaves_its_bridge_is_no_deleted_link()
    {
        using var sandbox = new Sandbox();
        var host = sandbox.Host();
        host.Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            netlink.CreateVeth("left", "right");
            netlink.CreateBridge("switch");
        });
        using var monitor = host.Run(() => NetlinkMonitor.Open(NetworkChangeKinds.Links));
        host.Run(() =>
        {
            Sandbox.Run("ip", "link", "set", "left", "master", "switch");
            Sandbox.Run("ip", "link", "set", "left", "nomaster");
            Sandbox.Run("ip", "link", "del", "switch");
        });
        var seen = await ReadUntil(monitor, changes => changes.OfType<NetworkChange.LinkDeleted>().Any());
        seen.OfType<NetworkChange.LinkDeleted>().ShouldHaveSingleItem().Link.Name.ShouldBe("switch");
        seen.OfType<NetworkChange.LinkChanged>().ShouldContain(change => change.Link.Name == "left" && change.Link.Bridge != null);
        seen.OfType<NetworkChange.LinkChanged>().Last(change => change.Link.Name == "left").Link.Bridge.ShouldBeNull();
    }

    [Fact]
    public async Task Only_what_was_asked_for_is_told()
    {
        using var sandbox = new Sandbox();
        var host = sandbox.Host();
        using var monitor = host.Run(() => NetlinkMonitor.Open(NetworkChangeKinds.Addresses));
        host.Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            netlink.CreateBridge("switch");
            netlink.AddAddress(netlink.FindLink("switch")!.Index, IPAddress.Parse("10.0.0.1"), 24);
        });
        (await ReadUntil(monitor, changes => changes.Count > 0)).ShouldHaveSingleItem().ShouldBeOfType<NetworkChange.AddressAdded>();
    }

    [Fact]
    public async Task Nothing_that_overflowed_is_passed_over_in_silence_and_what_comes_later_is_told()
    {
        using var sandbox = new Sandbox();
        var host = sandbox.Host();
        using var monitor = host.Run(() => NetlinkMonitor.Open(NetworkChangeKinds.All, receiveQueue: 4096));
        host.Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            for (var i = 0; i < 500; i++)
            {
                netlink.AddAddress(1, IPAddress.Parse($"10.0.{i / 250}.{1 + (i % 250)}"), 32);
            }
        });
        (await ReadUntil(monitor, changes => changes.Contains(new NetworkChange.Lost()))).Count.ShouldBeLessThan(100);

        host.Run(() => Sandbox.Run("ip", "address", "add", "10.9.9.9/32", "dev", "lo"));
        var later = await ReadUntil(monitor, changes => changes.OfType<NetworkChange.AddressAdded>().Any());
        later.OfType<NetworkChange.AddressAdded>().First().Address.Address.ShouldBe(IPAddress.Parse("10.9.9.9"));
    }

    [Fact]
    public async Task A_cancelled_reading_takes_nothing_and_another_goes_on()
    {
        using var sandbox = new Sandbox();
        var host = sandbox.Host();
        using var monitor = host.Run(() => NetlinkMonitor.Open(NetworkChangeKinds.Links));
        using var cancelled = new CancellationTokenSource();
        var reading = Task.Run(async () =>
        {
            await foreach (var change in monitor.ReadAsync(cancelled.Token))
            {
                throw new InvalidOperationException($"nothing has changed, and yet {change}");
            }
        });
        var clock = Stopwatch.StartNew();
        await cancelled.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => reading.WaitAsync(Patience));
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(2));

        host.Run(() => Sandbox.Run("ip", "link", "add", "switch", "type", "bridge"));
        (await ReadUntil(monitor, changes => changes.Count > 0))[0].ShouldBeOfType<NetworkChange.LinkChanged>().Link.Name.ShouldBe("switch");
    }

    [Fact]
    public async Task A_disposed_monitor_ends_its_reading_and_leaves_no_descriptor()
    {
        using var sandbox = new Sandbox();
        var host = sandbox.Host();
        for (var i = 0; i < 20; i++)
        {
            var monitor = host.Run(() => NetlinkMonitor.Open());
            var reading = Task.Run(async () =>
            {
                await foreach (var _ in monitor.ReadAsync(CancellationToken.None))
                {
                }
            });
            monitor.Dispose();
            await reading.WaitAsync(Patience);
        }

        host.Run(() => NetlinkSockets()).ShouldBe(0);
    }

    [Fact]
    public async Task Disposed_of_while_changes_stream_in_its_reading_ends_as_at_any_other_time()
    {
        using var sandbox = new Sandbox();
        var network = sandbox.Namespace();
        var host = sandbox.Host(network);
        using var enough = new CancellationTokenSource();
        var churn = Task.Run(() => host.Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            while (!enough.IsCancellationRequested)
            {
                netlink.AddAddress(1, IPAddress.Parse("10.0.0.1"), 32);
                netlink.DeleteAddress(1, IPAddress.Parse("10.0.0.1"), 32);
            }
        }));
        try
        {
            for (var i = 0; i < 500; i++)
            {
                var monitor = network.Run(() => NetlinkMonitor.Open());
                var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                var reading = Task.Run(async () =>
                {
                    await foreach (var _ in monitor.ReadAsync(CancellationToken.None))
                    {
                        told.TrySetResult();
                    }
                });
                await told.Task.WaitAsync(Patience);
                monitor.Dispose();
                await reading.WaitAsync(Patience);
            }
        }
        finally
        {
            await enough.CancelAsync();
            await churn;
        }
    }

    [Fact]
    public void Nobody_needs_a_privilege_to_listen()
    {
        using var sandbox = new Sandbox();
        using var unprivileged = NamespaceThread.Start(sandbox.Namespace());
        unprivileged.Run(Privileges.DropNetworkAdministration);
        unprivileged.Run(() => NetlinkMonitor.Open()).Dispose();
    }

    // Netlink sockets of this namespace; the kernel's own have port 0.
    private static int NetlinkSockets() => File.ReadLines("/proc/thread-self/net/netlink")
        .Skip(1)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Count(fields => fields[1] == "0" && fields[2] != "0");

    private static async Task<List<NetworkChange>> ReadUntil(NetlinkMonitor monitor, Func<List<NetworkChange>, bool> enough)
    {
        using var deadline = new CancellationTokenSource(Patience);
        var seen = new List<NetworkChange>();
        try
        {
            await foreach (var change in monitor.ReadAsync(deadline.Token))
            {
                seen.Add(change);
                if (enough(seen))
                {
                    return seen;
                }
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"not told within {Patience}; told: {string.Join(", ", seen)}");
        }

        throw new InvalidOperationException("the stream ended by itself");
    }
}
