using System.Net;
using Elysium.Linux;
using Elysium.WireGuard;

namespace Elysium.Kernel.Tests;

/// <summary>Two hosts with a tunnel between them.</summary>
internal static class TunnelTests
{
    public static IReadOnlyList<Check> All =>
    [
        new(Two_kernels_shake_hands_and_ping),
        new(The_kernel_and_wireguard_go_ping_each_other),
        new(A_pass_over_an_interface_that_is_right_changes_nothing),
        new(A_peer_that_roamed_is_left_where_it_is),
        new(A_new_key_is_taken_and_the_tunnel_comes_back),
        new(What_somebody_else_changed_is_mended),
    ];

    private static void Two_kernels_shake_hands_and_ping() => Between(new KernelWireGuard(), new KernelWireGuard(), (left, right) =>
    {
        left.Reconcile(right.AsPeer(right.Outer6)).Problems.ShouldHold([]);
        right.Reconcile(left.AsPeer(left.Outer6)).Problems.ShouldHold([]);
        left.Ping(right);
        right.Ping(left);

        var peer = left.Read().Peers.Single();
        peer.Endpoint.ShouldBe(IPEndPoint.Parse(right.Outer6));
        (TimeProvider.System.GetUtcNow() - peer.LastHandshake!.Value < TimeSpan.FromMinutes(1)).ShouldBeTrue($"the handshake was just now, and not at {peer.LastHandshake}");
        (peer.ReceivedBytes > 0 && peer.SentBytes > 0).ShouldBeTrue("packets are counted");
    });

    private static void The_kernel_and_wireguard_go_ping_each_other()
    {
        var run = Directory.CreateTempSubdirectory().FullName;
        Between(new KernelWireGuard(), new WireGuardGo(run, TimeProvider.System), (left, right) =>
        {
            left.Reconcile(right.AsPeer());
            right.Reconcile(left.AsPeer());
            right.Ping(left);
            left.Ping(right);
            left.Host.Do(() => left.Engine.List()).ShouldHold(["wg0"]);
            right.Host.Do(() => new KernelWireGuard().List()).ShouldHold([]);
            right.Read().Peers.Single().LastHandshake.HasValue.ShouldBeTrue();
        });
        Directory.Delete(run, recursive: true);
    }

    private static void A_pass_over_an_interface_that_is_right_changes_nothing() => Between(new KernelWireGuard(), new KernelWireGuard(), (left, right) =>
    {
        left.Reconcile(right.AsPeer()).Changed.ShouldBeTrue();
        left.Reconcile(right.AsPeer()).Changes.ShouldHold([]);
    });

    private static void A_peer_that_roamed_is_left_where_it_is() => Between(new KernelWireGuard(), new KernelWireGuard(), (left, right) =>
    {
        left.Reconcile(right.AsPeer());
        right.Reconcile(left.AsPeer());
        left.Ping(right);

        right.Host.Run("ip", "address", "add", "192.0.2.77/24", "dev", "eth0");
        right.Host.Run("ip", "address", "del", "192.0.2.2/24", "dev", "eth0");
        right.Host.Run("ip", "address", "replace", "192.0.2.77/24", "dev", "eth0");
        right.Ping(left);

        var roamed = IPEndPoint.Parse("192.0.2.77:51820");
        left.Read().Peers.Single().Endpoint.ShouldBe(roamed);
        left.Reconcile(right.AsPeer()).Changes.ShouldHold([]);
        left.Read().Peers.Single().Endpoint.ShouldBe(roamed);

        // The operator's word counts when it changes.
        left.Reconcile(right.AsPeer(right.Outer6)).Changed.ShouldBeTrue();
        left.Read().Peers.Single().Endpoint.ShouldBe(IPEndPoint.Parse(right.Outer6));
    });

    private static void A_new_key_is_taken_and_the_tunnel_comes_back() => Between(new KernelWireGuard(), new KernelWireGuard(), (left, right) =>
    {
        left.Reconcile(right.AsPeer());
        right.Reconcile(left.AsPeer());
        left.Ping(right);

        left.Key = PrivateKey.Generate();
        left.Reconcile(right.AsPeer());
        right.Reconcile(left.AsPeer());
        left.Read().PrivateKey.ShouldBe(left.Key);
        right.Read().Peers.Select(peer => peer.PublicKey).ShouldHold([left.Key.PublicKey]);
        left.Ping(right);
    });

    private static void What_somebody_else_changed_is_mended() => Between(new KernelWireGuard(), new KernelWireGuard(), (left, right) =>
    {
        left.Reconcile(right.AsPeer());
        right.Reconcile(left.AsPeer());
        left.Host.Run("wg", "set", "wg0", "listen-port", "7", "fwmark", "3", "peer", right.Key.PublicKey.ToString(), "remove", "peer", Sample.Key().ToString());
        left.Host.Run("ip", "link", "set", "wg0", "down");
        left.Reconcile(right.AsPeer()).Changed.ShouldBeTrue();
        left.Ping(right);

        left.Host.Run("ip", "link", "del", "wg0");
        left.Reconcile(right.AsPeer()).Changed.ShouldBeTrue();
        left.Ping(right);
    });

    private static void Between(IWireGuardEngine leftEngine, IWireGuardEngine rightEngine, Action<Node, Node> test)
    {
        var (leftHost, rightHost) = Host.Pair();
        using (leftHost)
        using (rightHost)
        {
            using var left = new Node(leftHost, 1, leftEngine);
            using var right = new Node(rightHost, 2, rightEngine);
            test(left, right);
        }
    }
}
