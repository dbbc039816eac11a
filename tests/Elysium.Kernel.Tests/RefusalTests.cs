using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Elysium.Linux;
using Elysium.WireGuard;

namespace Elysium.Kernel.Tests;

/// <summary>What the kernel refuses, and what is said about it.</summary>
internal static partial class RefusalTests
{
    public static IReadOnlyList<Check> All =>
    [
        new(A_port_that_is_taken_is_refused_while_the_device_is_down),
        new(A_port_that_is_taken_is_refused_while_the_device_is_up_and_it_keeps_its_own),
        new(A_device_may_be_given_the_port_that_it_has),
        new(Without_the_right_nothing_is_told_or_changed),
        new(A_device_that_is_gone_is_one_that_ended),
    ];

    private static void A_port_that_is_taken_is_refused_while_the_device_is_down() => OnDevice(engine =>
    {
        using var taken = Take(51820);
        Failure.Expect(EngineFailure.PortInUse, () => engine.Apply("wg0", Port(51820))).ShouldContain("51820");
        engine.Get("wg0")!.ListenPort.ShouldBe(0);
    });

    private static void A_port_that_is_taken_is_refused_while_the_device_is_up_and_it_keeps_its_own() => OnDevice(engine =>
    {
        engine.Apply("wg0", Port(51821));
        SwitchOn();
        using var taken = Take(51820);
        Failure.Expect(EngineFailure.PortInUse, () => engine.Apply("wg0", Port(51820)));
        engine.Get("wg0")!.ListenPort.ShouldBe(51821);
    });

    private static void A_device_may_be_given_the_port_that_it_has() => OnDevice(engine =>
    {
        engine.Apply("wg0", Port(51820));
        SwitchOn();
        engine.Apply("wg0", Port(51820));
        engine.Apply("wg0", Port(51821));
        engine.Get("wg0")!.ListenPort.ShouldBe(51821);
        Take(51820).Dispose();
    });

    private static void Without_the_right_nothing_is_told_or_changed() => OnDevice(engine =>
    {
        engine.Apply("wg0", Port(51820));
        WithoutRights(() =>
        {
            Failure.Expect(EngineFailure.NotPermitted, () => engine.Get("wg0")).ShouldContain("CAP_NET_ADMIN");
            Failure.Expect(EngineFailure.NotPermitted, () => engine.Apply("wg0", Port(51821))).ShouldContain("CAP_NET_ADMIN");
            Failure.Expect(EngineFailure.NotPermitted, () => engine.Apply("wg0", Port(1))).ShouldContain("CAP_NET_BIND_SERVICE");
            Failure.Expect(EngineFailure.NotPermitted, () => engine.Start("wg1", CancellationToken.None)).ShouldContain("CAP_NET_ADMIN");
            Failure.Expect(EngineFailure.NotPermitted, () => engine.Stop("wg0", CancellationToken.None));
            KernelWireGuard.IsSupported().ShouldBeTrue();
            engine.List().ShouldHold(["wg0"]);
        });
        engine.Get("wg0")!.ListenPort.ShouldBe(51820);
    });

    private static void A_device_that_is_gone_is_one_that_ended() => OnDevice(engine =>
    {
        engine.Stop("wg0", CancellationToken.None);
        Failure.Expect(EngineFailure.Ended, () => engine.Apply("wg0", Port(1))).ShouldContain("wg0");
    });

    private static DeviceUpdate Port(int port) => new(null, port, null, []);

    private static Socket Take(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Any, port));
        return socket;
    }

    private static void SwitchOn()
    {
        using var netlink = RouteNetlink.Open();
        netlink.SetUp(netlink.FindLink("wg0")!.Index);
    }

    private static void OnDevice(Action<KernelWireGuard> test)
    {
        using var host = new Host();
        host.Do(() =>
        {
            var engine = new KernelWireGuard();
            engine.Start("wg0", CancellationToken.None);
            test(engine);
        });
    }

    // On a thread of its own in the same namespaces: rights belong to threads (capabilities(7)).
    private static void WithoutRights(Action work)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                // _LINUX_CAPABILITY_VERSION_3, this thread; no right at all.
                (SetCapabilities([0x20080522, 0], new uint[6]) == 0).ShouldBeTrue("rights can be given up");
                work();
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
        {
            throw failure;
        }
    }

    [LibraryImport("libc", EntryPoint = "capset")]
    private static partial int SetCapabilities(ReadOnlySpan<uint> header, ReadOnlySpan<uint> data);
}
