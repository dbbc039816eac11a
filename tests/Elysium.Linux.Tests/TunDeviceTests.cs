using System.Net;

namespace Elysium.Linux.Tests;

public sealed class TunDeviceTests
{
    [Fact]
    public void One_that_was_created_stays_and_one_that_was_opened_goes()
    {
        using var sandbox = new Sandbox();
        sandbox.Host().Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            TunDevice.Create("kept");
            netlink.FindLink("kept")!.Kind.ShouldBe("tun");
            var said = Sandbox.Ip("link", "show", "kept").ShouldHaveSingleItem()!["linkinfo"]!["info_data"]!;
            ((string)said["type"]!).ShouldBe("tun");
            ((bool)said["persist"]!).ShouldBeTrue();
            ((bool)said["pi"]!).ShouldBeFalse();
            Should.Throw<IOException>(() => TunDevice.Create("kept")).HResult.ShouldBe(Errno.EBUSY);
            using (TunDevice.Open("kept"))
            using (TunDevice.Open("passing"))
            {
                netlink.FindLink("passing").ShouldNotBeNull();
                Should.Throw<IOException>(() => TunDevice.Open("passing")).HResult.ShouldBe(Errno.EBUSY);
            }

            Wait.Until(() => netlink.FindLink("passing") is null, "it goes with its handle");
            netlink.FindLink("kept").ShouldNotBeNull();
            netlink.DeleteLink(netlink.FindLink("kept")!.Index);
            netlink.FindLink("kept").ShouldBeNull();

            netlink.CreateBridge("switch");
            Should.Throw<IOException>(() => TunDevice.Open("switch")).HResult.ShouldBe(Errno.EINVAL);
        });
    }

    [Fact]
    public async Task A_reader_ends_when_it_is_disposed_of_and_the_link_goes()
    {
        using var sandbox = new Sandbox();
        var host = sandbox.Host();
        using var netlink = host.Run(RouteNetlink.Open);
        for (var i = 0; i < 20; i++)
        {
            var tun = host.Run(() => TunDevice.Open("tun0"));
            netlink.SetUp(netlink.FindLink("tun0")!.Index);
            var reading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var readers = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    var packet = new byte[2000];
                    while (true)
                    {
                        reading.TrySetResult();
                        tun.Read(packet);
                    }
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)).ToList();
            await reading.Task;
            tun.Dispose();
            tun.Dispose();
            foreach (var reader in readers)
            {
                await Should.ThrowAsync<ObjectDisposedException>(() => reader.WaitAsync(TimeSpan.FromSeconds(10)));
            }

            Wait.Until(() => netlink.FindLink("tun0") is null, "nobody holds it any more");
            Should.Throw<ObjectDisposedException>(() => tun.Write(new byte[20]));
        }
    }

    [Fact]
    public async Task A_deleted_link_ends_its_reader_and_one_that_is_down_only_refuses_writing()
    {
        using var sandbox = new Sandbox();
        var host = sandbox.Host();
        using var netlink = host.Run(RouteNetlink.Open);
        using var tun = host.Run(() => TunDevice.Open("tun0"));
        var index = netlink.FindLink("tun0")!.Index;
        var packet = new byte[20];
        packet[0] = 0x45;
        Should.Throw<IOException>(() => tun.Write(packet)).HResult.ShouldBe(Errno.EIO);
        netlink.SetUp(index);
        tun.Write(packet);
        Should.Throw<IOException>(() => tun.Write(new byte[20])).HResult.ShouldBe(Errno.EINVAL);
        var reader = Task.Factory.StartNew(
            () =>
            {
                var taken = new byte[2000];
                while (true)
                {
                    tun.Read(taken);
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        netlink.SetDown(index);
        netlink.SetUp(index);
        reader.IsCompleted.ShouldBeFalse("a reader waits while the link is down");
        netlink.DeleteLink(index);
        (await Should.ThrowAsync<IOException>(() => reader.WaitAsync(TimeSpan.FromSeconds(10)))).HResult.ShouldBe(Errno.EBADFD);
        Should.Throw<IOException>(() => tun.Write(packet)).HResult.ShouldBe(Errno.EBADFD);
    }

    [Fact]
    public void What_is_sent_into_it_is_read_from_it()
    {
        using var sandbox = new Sandbox();
        sandbox.Host().Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            using var tun = TunDevice.Open("tun0");
            var index = netlink.FindLink(tun.Name)!.Index;
            netlink.AddAddress(index, IPAddress.Parse("10.77.0.1"), 24);
            netlink.SetUp(index);
            _ = Sandbox.TryRun("ping", "-c", "1", "-W", "1", "10.77.0.2");
            var packet = new byte[2000];
            var echo = false;
            Wait.Until(
                () =>
                {
                    // The kernel's own IPv6 packets come first.
                    var length = tun.Read(packet);
                    echo = length == 84 && packet[0] == 0x45 && new IPAddress(packet.AsSpan(16, 4)).Equals(IPAddress.Parse("10.77.0.2"));
                    return echo;
                },
                "the echo request comes out");
        });
    }
}
