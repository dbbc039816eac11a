using Elysium.Linux;
using Elysium.Linux.Tests.Interop;
using Elysium.WireGuard;

namespace Elysium.Kernel.Tests;

/// <summary>One device: it is made, configured, read back and removed, by us and beside <c>wg</c>.</summary>
internal static class DeviceTests
{
    public static IReadOnlyList<Check> All =>
    [
        new(Asking_for_WireGuard_loads_its_module),
        new(A_device_is_made_once_and_removed_once),
        new(A_fresh_device_has_nothing),
        new(What_is_set_is_read_back_in_every_field),
        new(What_we_set_wg_reads_and_what_wg_sets_we_read),
        new(A_link_of_another_kind_is_left_alone),
    ];

    private static void Asking_for_WireGuard_loads_its_module()
    {
        IsLoaded().ShouldBe(false, "the module is loaded before anybody asked");
        KernelWireGuard.IsSupported().ShouldBeTrue();
        IsLoaded().ShouldBeTrue();

        static bool IsLoaded() => File.ReadLines("/proc/modules").Any(line => line.StartsWith("wireguard ", StringComparison.Ordinal));
    }

    private static void A_device_is_made_once_and_removed_once()
    {
        using var host = new Host();
        host.Do(() =>
        {
            var engine = new KernelWireGuard();
            engine.List().ShouldHold([]);
            engine.Get("wg0").ShouldBeNull();

            engine.Start("wg0", CancellationToken.None).ShouldBe(true);
            engine.Start("wg0", CancellationToken.None).ShouldBe(false);
            engine.Start("wg1", CancellationToken.None).ShouldBe(true);
            engine.List().ShouldHold(["wg0", "wg1"]);

            engine.Stop("wg0", CancellationToken.None).ShouldBe(true);
            engine.Stop("wg0", CancellationToken.None).ShouldBe(false);
            engine.Get("wg0").ShouldBeNull();
            engine.List().ShouldHold(["wg1"]);
        });
    }

    private static void A_fresh_device_has_nothing()
    {
        using var host = new Host();
        host.Do(() =>
        {
            var engine = new KernelWireGuard();
            engine.Start("wg0", CancellationToken.None);
            var device = engine.Get("wg0").ShouldNotBeNull();
            device.PrivateKey.ShouldBeNull();
            device.ListenPort.ShouldBe(0);
            device.FirewallMark.ShouldBe(0u);
            device.Peers.ShouldHold([]);
        });
    }

    private static void What_is_set_is_read_back_in_every_field()
    {
        using var host = new Host();
        host.Do(() =>
        {
            var engine = new KernelWireGuard();
            engine.Start("wg0", CancellationToken.None);
            var desired = Sample.Everything();
            engine.Apply("wg0", DeviceDiff.Between(desired, engine.Get("wg0")!, null).ShouldNotBeNull());

            var device = engine.Get("wg0").ShouldNotBeNull();
            device.PrivateKey.ShouldBe(desired.PrivateKey);
            device.ListenPort.ShouldBe(desired.ListenPort);
            device.FirewallMark.ShouldBe(desired.FirewallMark);
            device.Peers.Select(peer => peer.PublicKey).ShouldHold(desired.Peers.Select(peer => peer.PublicKey));
            foreach (var (peer, wanted) in device.Peers.Join(desired.Peers, peer => peer.PublicKey, peer => peer.PublicKey, (peer, wanted) => (peer, wanted)))
            {
                peer.PresharedKey.ShouldBe(wanted.PresharedKey);
                peer.Endpoint.ShouldBe(wanted.Endpoint);
                peer.PersistentKeepalive.ShouldBe(wanted.PersistentKeepalive);
                peer.AllowedIps.ShouldHold(wanted.AllowedIps);
                peer.LastHandshake.ShouldBe(null);
                (peer.ReceivedBytes, peer.SentBytes).ShouldBe((0, 0));
            }

            DeviceDiff.Between(desired, device, desired).ShouldBeNull();
        });
    }

    private static void What_we_set_wg_reads_and_what_wg_sets_we_read()
    {
        using var host = new Host();
        host.Do(() =>
        {
            var engine = new KernelWireGuard();
            engine.Start("wg0", CancellationToken.None);
            engine.Start("wg1", CancellationToken.None);
            WireGuardInterop.Check(engine, "wg", "wg0", "/tmp");
        });
    }

    private static void A_link_of_another_kind_is_left_alone()
    {
        using var host = new Host();
        host.Do(() =>
        {
            using var netlink = RouteNetlink.Open();
            netlink.CreateBridge("wg0");
            var engine = new KernelWireGuard();
            engine.Get("wg0").ShouldBeNull();
            engine.List().ShouldHold([]);
            Failure.Expect(EngineFailure.ForeignLink, () => engine.Start("wg0", CancellationToken.None)).ShouldContain("bridge");
            Failure.Expect(EngineFailure.ForeignLink, () => engine.Stop("wg0", CancellationToken.None));
            Failure.Expect(EngineFailure.ForeignLink, () => engine.Apply("wg0", new DeviceUpdate(null, 1, null, [])));
            netlink.FindLink("wg0").ShouldNotBeNull().Kind.ShouldBe("bridge");
        });
    }
}
