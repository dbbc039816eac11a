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
