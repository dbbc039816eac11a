using System.Net;
using Elysium.Linux;
using Elysium.Linux.Netlink;
using Elysium.Linux.Tests.Interop;
using Elysium.WireGuard;

namespace Elysium.Kernel.Tests;

/// <summary>Many peers, many prefixes, and prefixes that change hands.</summary>
internal static class PeerTests
{
    private const string Name = "wg0";

    public static IReadOnlyList<Check> All =>
    [
        new(A_thousand_peers_are_set_and_read_back),
        new(Twenty_thousand_peers_are_read_whole),
        new(Thousands_of_allowed_IPs_of_one_peer_are_set_and_read_whole),
        new(An_allowed_IP_moves_to_another_peer),
        new(One_allowed_IP_is_removed_and_nothing_else_changes),
        new(A_kernel_that_refuses_to_remove_a_prefix_gets_it_removed_by_other_means),
        new(A_peer_with_the_devices_new_key_goes),
        new(A_change_that_was_refused_half_way_is_finished_by_the_next_difference),
    ];

    private static void A_thousand_peers_are_set_and_read_back() => OnDevice(engine =>
    {
        var spec = new DeviceSpec(PrivateKey.Generate(), 51820, [.. Enumerable.Range(1, 1000).Select(PeerNumber)]);
        Change(engine, spec);

        engine.Get(Name).ShouldNotBeNull().Peers.Count.ShouldBe(1000);
        WireGuardInterop.Run("wg", "show", Name, "peers").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(1000);

        // One of a thousand.
        var changed = spec with { Peers = [.. spec.Peers.Select((peer, i) => i == 500 ? peer with { PersistentKeepalive = 7 } : peer)] };
        DeviceDiff.Between(changed, engine.Get(Name)!, spec).ShouldNotBeNull().Peers.Count.ShouldBe(1);
        Change(engine, changed);
    });

    private static void Twenty_thousand_peers_are_read_whole() => OnDevice(engine =>
    {
        // Without a private key: with one, the kernel computes a secret for each peer, which takes an emulated processor minutes.
        var peers = Enumerable.Range(1, 20_000).Select(PeerNumber).ToList();
        engine.Apply(Name, new DeviceUpdate(null, null, null, [.. peers.Select(peer => new PeerUpdate(peer.PublicKey, AllowedIps: peer.AllowedIps))]));

        var read = engine.Get(Name).ShouldNotBeNull().Peers.ToDictionary(peer => peer.PublicKey);
        read.Count.ShouldBe(peers.Count);
        peers.All(peer => read[peer.PublicKey].AllowedIps.Order().SequenceEqual(peer.AllowedIps.Order())).ShouldBeTrue("every peer has its prefixes");
    });

    private static void Thousands_of_allowed_IPs_of_one_peer_are_set_and_read_whole() => OnDevice(engine =>
    {
        var (one, other) = (Sample.Key(), Sample.Key());
        var prefixes = Enumerable.Range(0, 6000).Select(i => i % 3 == 0 ? Prefix6(i) : Prefix4(i)).ToArray();
        var spec = new DeviceSpec(PrivateKey.Generate(), 51820, [new(one, prefixes, IPEndPoint.Parse("192.0.2.1:7"), 25), new(other, [IpPrefix.Parse("192.168.0.0/16")])]);
        Change(engine, spec);

        // Replacing them in several messages must not lose those of the first.
        engine.Apply(Name, new DeviceUpdate(null, null, null, [new(one, ReplaceAllowedIps: true, AllowedIps: prefixes[1..])]));
        engine.Get(Name)!.Peers.Single(peer => peer.PublicKey == one).AllowedIps.Order().SequenceEqual(prefixes[1..].Order()).ShouldBeTrue("all but the first are there");
    });

    private static void An_allowed_IP_moves_to_another_peer() => OnDevice(engine =>
    {
        var (one, other) = (Sample.Key(), Sample.Key());
        var (left, right) = (IpPrefix.Parse("10.0.1.0/24"), IpPrefix.Parse("10.0.2.0/24"));
        var key = PrivateKey.Generate();
        Change(engine, new DeviceSpec(key, 0, [new(one, [left, right]), new(other, [])]));
        Change(engine, new DeviceSpec(key, 0, [new(one, [left]), new(other, [right])]));
        Change(engine, new DeviceSpec(key, 0, [new(one, [right]), new(other, [left])]));
    });

    private static void One_allowed_IP_is_removed_and_nothing_else_changes() => OnDevice(engine => RemoveOne(engine));

    private static void A_kernel_that_refuses_to_remove_a_prefix_gets_it_removed_by_other_means() => OnDevice(_ =>
    {
        // It believes that the kernel knows the flag; on a kernel that does, this is the same test again.
        var engine = new KernelWireGuard(removesPrefixes: true);
        RemoveOne(engine);
        RemoveOne(engine);
    });

    private static void RemoveOne(KernelWireGuard engine)
    {
        var (one, other) = (Sample.Key(), Sample.Key());
        var (kept, removed, others) = (IpPrefix.Parse("10.0.1.0/24"), IpPrefix.Parse("10.0.2.0/24"), IpPrefix.Parse("fd00::/64"));
        var spec = new DeviceSpec(PrivateKey.Generate(), 0, [new(one, [kept, removed], IPEndPoint.Parse("192.0.2.1:7"), 25), new(other, [others])]);
        Change(engine, spec);
        Change(engine, spec with { Peers = [spec.Peers[0] with { AllowedIps = [kept] }, spec.Peers[1]] });
        engine.Get(Name)!.Peers.Count.ShouldBe(2);
    }

    private static void A_peer_with_the_devices_new_key_goes() => OnDevice(engine =>
    {
        var (old, next) = (PrivateKey.Generate(), PrivateKey.Generate());
        var peers = new PeerSpec[] { new(next.PublicKey, [IpPrefix.Parse("10.0.1.0/24")]), new(Sample.Key(), []) };
        Change(engine, new DeviceSpec(old, 0, peers));
        Change(engine, new DeviceSpec(next, 0, peers));
        engine.Get(Name)!.Peers.Select(peer => peer.PublicKey).ShouldHold([peers[1].PublicKey]);
    });

    private static void A_change_that_was_refused_half_way_is_finished_by_the_next_difference() => OnDevice(engine =>
    {
        var peers = Enumerable.Range(1, 3).Select(PeerNumber).ToArray();
        var spec = new DeviceSpec(PrivateKey.Generate(), 51820, peers);

        // A prefix length that no address has: an IpPrefix cannot say it, so the finished message is damaged.
        using (var socket = new NetlinkSocket(Nl.NETLINK_GENERIC))
        using (var buffer = new MessageBuffer())
        {
            var family = GenericFamily.Find(socket, Wg.Family).ShouldNotBeNull();
            new WireGuardMessages(family.Id, Name, DeviceDiff.Between(spec, engine.Get(Name)!, null)!).Next(buffer);
            Span<byte> length = [5, 0, (byte)Wg.WGALLOWEDIP_A_CIDR_MASK, 0, 32];
            var second = buffer.Messages.IndexOf(peers[1].PublicKey.ToArray());
            buffer.Messages[second..][buffer.Messages[second..].IndexOf(length) + 4] = 33;
            Expectations.ShouldThrow<NetlinkException>(() => socket.Execute(buffer, "changing it")).Errno.ShouldBe(Errno.EINVAL);
        }

        var half = engine.Get(Name).ShouldNotBeNull();
        half.PrivateKey.ShouldBe(spec.PrivateKey);
        half.Peers.Any(peer => peer.PublicKey == peers[0].PublicKey).ShouldBeTrue();
        half.Peers.Any(peer => peer.PublicKey == peers[2].PublicKey).ShouldBe(false);
        Change(engine, spec);
    });

    private static void OnDevice(Action<KernelWireGuard> test)
    {
        using var host = new Host();
        host.Do(() =>
        {
            var engine = new KernelWireGuard();
            engine.Start(Name, CancellationToken.None);
            test(engine);
        });
    }

    /// <summary>Makes the device what it should be, and finds nothing to change afterwards.</summary>
    private static void Change(KernelWireGuard engine, DeviceSpec spec)
    {
        if (DeviceDiff.Between(spec, engine.Get(Name).ShouldNotBeNull(), null) is { } update)
        {
            engine.Apply(Name, update);
        }

        DeviceDiff.Between(spec, engine.Get(Name).ShouldNotBeNull(), null).ShouldBeNull();
    }

    private static PeerSpec PeerNumber(int number) => new(
        Sample.Key(),
        [Prefix4(number), Prefix6(number)],
        new IPEndPoint(new IPAddress([192, 0, 2, (byte)number]), 1 + (number % 60_000)),
        25);

    private static IpPrefix Prefix4(int number) => IpPrefix.Of(new IPAddress([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number]));

    private static IpPrefix Prefix6(int number) => IpPrefix.Of(new IPAddress([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte)(number >> 16), (byte)(number >> 8), (byte)number]));
}
