using System.Net;
using CsCheck;
using Elysium.WireGuard;

namespace Elysium.Tests.WireGuard;

public sealed class DeviceDiffTests
{
    private static readonly PrivateKey Own = DeviceGen.Keys[0];
    private static readonly PublicKey A = DeviceGen.Keys[1].PublicKey;
    private static readonly PublicKey B = DeviceGen.Keys[2].PublicKey;
    private static readonly IPEndPoint Here = IPEndPoint.Parse("192.0.2.1:51820");
    private static readonly IPEndPoint There = IPEndPoint.Parse("198.51.100.1:7");

    [Fact]
    public void Any_device_becomes_what_it_should_be_and_then_nothing_differs() => Gen.Select(DeviceGen.Spec, DeviceGen.Actual).Sample((desired, actual) =>
    {
        var update = DeviceDiff.Between(desired, actual, null);
        var after = update?.ApplyTo(actual) ?? actual;

        after.PrivateKey.ShouldBe(desired.PrivateKey);
        after.ListenPort.ShouldBe(desired.ListenPort == 0 ? actual.ListenPort : desired.ListenPort);
        after.FirewallMark.ShouldBe(desired.FirewallMark);
        var expected = DeviceGen.Made(desired).Peers;
        after.Peers.Select(peer => peer.PublicKey).ShouldBe(expected.Select(peer => peer.PublicKey), ignoreOrder: true);
        foreach (var peer in expected)
        {
            var found = after.Peers.Single(other => other.PublicKey == peer.PublicKey);
            found.PresharedKey.ShouldBe(peer.PresharedKey);
            found.PersistentKeepalive.ShouldBe(peer.PersistentKeepalive);
            found.AllowedIps.ShouldBe(peer.AllowedIps, ignoreOrder: true);
            if (peer.Endpoint is not null)
            {
                found.Endpoint.ShouldBe(peer.Endpoint);
            }
        }

        DeviceDiff.Between(desired, after, desired).ShouldBeNull();
        DeviceDiff.Between(desired, after, null).ShouldBeNull();
    }, iter: 3000);

    [Fact]
    public void Insertions_stand_before_removals_of_prefixes_and_these_before_removals_of_peers() => Gen.Select(DeviceGen.Spec, DeviceGen.Actual).Sample((desired, actual) =>
    {
        var peers = DeviceDiff.Between(desired, actual, null)?.Peers ?? [];
        var stages = peers.Select(peer => peer.Remove ? 2 : peer.RemovedAllowedIps is null ? 0 : 1).ToList();
        stages.ShouldBe(stages.Order());
        peers.Zip(stages, (peer, stage) => (peer.PublicKey, stage)).ShouldBeUnique();
        peers.ShouldAllBe(peer => !peer.ReplaceAllowedIps && (peer.AllowedIps == null || peer.AllowedIps.Count > 0));
        foreach (var peer in peers.Where(peer => peer.UpdateOnly))
        {
            (peer with { UpdateOnly = false }).ShouldNotBe(new PeerUpdate(peer.PublicKey));
        }
    });

    [Fact]
    public void A_peer_that_is_the_same_is_not_mentioned()
    {
        var spec = Spec(new PeerSpec(A, Prefixes("10.0.0.1/32 10.0.0.2/32"), Here), new PeerSpec(B, Prefixes("10.0.0.3/32")));
        var actual = DeviceGen.Made(Spec(new PeerSpec(A, Prefixes("10.0.0.2/32 10.0.0.1/32"), Here), new PeerSpec(B, Prefixes("10.0.0.4/32"))));
        var update = DeviceDiff.Between(spec, actual, null).ShouldNotBeNull();
        update.Peers.Select(peer => peer.PublicKey).ShouldBe([B, B]);
        update.Peers[0].AllowedIps.ShouldBe(Prefixes("10.0.0.3/32"));
        update.Peers[1].RemovedAllowedIps.ShouldBe(Prefixes("10.0.0.4/32"));
        (update.PrivateKey, update.ListenPort, update.FirewallMark).ShouldBe((null, null, null));
    }

    [Fact]
    public void A_prefix_that_moves_is_only_inserted_where_it_goes()
    {
        var spec = Spec(new PeerSpec(A, []), new PeerSpec(B, Prefixes("10.0.0.1/32")));
        var actual = DeviceGen.Made(Spec(new PeerSpec(A, Prefixes("10.0.0.1/32")), new PeerSpec(B, [])));
        var peer = DeviceDiff.Between(spec, actual, null)!.Peers.ShouldHaveSingleItem();
        peer.PublicKey.ShouldBe(B);
        peer.ReplaceAllowedIps.ShouldBeFalse();
        peer.AllowedIps.ShouldBe(Prefixes("10.0.0.1/32"));
    }

    [Fact]
    public void A_prefix_that_is_added_leaves_the_others_alone()
    {
        var spec = Spec(new PeerSpec(A, Prefixes("10.0.0.1/32 10.0.0.2/32")));
        var peer = DeviceDiff.Between(spec, DeviceGen.Made(Spec(new PeerSpec(A, Prefixes("10.0.0.1/32")))), null)!.Peers.ShouldHaveSingleItem();
        peer.ReplaceAllowedIps.ShouldBeFalse();
        peer.AllowedIps.ShouldBe(Prefixes("10.0.0.2/32"));
    }

    [Fact]
    public void An_endpoint_that_roamed_stays_until_the_operators_value_changes()
    {
        var spec = Spec(new PeerSpec(A, [], Here));
        var roamed = DeviceGen.Made(Spec(new PeerSpec(A, [], There)));
        DeviceDiff.Between(spec, roamed, spec).ShouldBeNull();

        var before = Spec(new PeerSpec(A, [], IPEndPoint.Parse("203.0.113.9:9")));
        DeviceDiff.Between(spec, roamed, before)!.Peers.ShouldHaveSingleItem().Endpoint.ShouldBe(Here);
        DeviceDiff.Between(spec, roamed, null)!.Peers.ShouldHaveSingleItem().Endpoint.ShouldBe(Here);
        DeviceDiff.Between(spec, roamed, Spec())!.Peers.ShouldHaveSingleItem().Endpoint.ShouldBe(Here);
        DeviceDiff.Between(spec, DeviceGen.Made(Spec(new PeerSpec(A, []))), spec)!.Peers.ShouldHaveSingleItem().Endpoint.ShouldBe(Here);
        DeviceDiff.Between(Spec(new PeerSpec(A, [])), roamed, spec).ShouldBeNull();
    }

    [Fact]
    public void A_preshared_key_goes_when_it_is_not_wanted()
    {
        var actual = DeviceGen.Made(Spec(new PeerSpec(A, [], PresharedKey: PresharedKey.Generate())));
        DeviceDiff.Between(Spec(new PeerSpec(A, [])), actual, null)!.Peers.ShouldHaveSingleItem().PresharedKey.ShouldBe(PresharedKey.None);
    }

    [Fact]
    public void A_peer_with_our_own_key_is_never_asked_for()
    {
        var spec = Spec(new PeerSpec(Own.PublicKey, Prefixes("10.0.0.1/32")));
        DeviceDiff.Between(spec, DeviceGen.Made(Spec()), null).ShouldBeNull();
        DeviceDiff.Between(spec, DeviceGen.Made(Spec(new PeerSpec(A, Prefixes("10.0.0.1/32")))), null)!.Peers.ShouldHaveSingleItem().Remove.ShouldBeTrue();
    }

    [Fact]
    public void The_scratch_peer_is_never_asked_for_and_goes_when_it_was_left_behind()
    {
        var scratch = new PeerSpec(DeviceUpdate.ScratchPeer, Prefixes("10.0.0.1/32"));
        DeviceDiff.Between(Spec(scratch), DeviceGen.Made(Spec()), null).ShouldBeNull();
        var peers = DeviceDiff.Between(Spec(new PeerSpec(A, Prefixes("10.0.0.1/32"))), DeviceGen.Made(Spec(scratch, new PeerSpec(A, []))), null)!.Peers;
        peers.Select(peer => (peer.PublicKey, peer.Remove)).ShouldBe([(A, false), (DeviceUpdate.ScratchPeer, true)]);
    }

    [Fact]
    public void A_peer_named_twice_is_a_mistake_of_the_caller() =>
        Should.Throw<ArgumentException>(() => DeviceDiff.Between(Spec(new PeerSpec(A, []), new PeerSpec(A, [])), DeviceGen.Fresh, null)).Message.ShouldContain(A.ToString());

    private static DeviceSpec Spec(params PeerSpec[] peers) => new(Own, 51820, peers);

    private static IpPrefix[] Prefixes(string text) => [.. text.Split(' ').Select(prefix => IpPrefix.Parse(prefix))];
}
