using System.Net;
using CsCheck;
using Elysium.WireGuard;
using Org.BouncyCastle.Math.EC.Rfc7748;

namespace Elysium.Tests.WireGuard;

public sealed class AllowedIpRemovalTests
{
    private static readonly PublicKey A = DeviceGen.Keys[1].PublicKey;
    private static readonly PublicKey B = DeviceGen.Keys[2].PublicKey;
    private static readonly IPAddress[] Addresses =
        [.. "10.0.0.0 10.0.0.1 10.0.0.2 10.0.0.3 10.0.9.9 192.0.2.1 fd00:: fd00::1 fd00::2 2001:db8::1".Split(' ').Select(IPAddress.Parse)];

    [Fact]
    public void A_removed_prefix_is_gone_unless_another_peer_has_it()
    {
        var device = Device(new PeerSpec(A, Prefixes("10.0.0.1/32 10.0.0.2/32")), new PeerSpec(B, Prefixes("10.0.0.3/32")));
        var update = Update(new PeerUpdate(A, RemovedAllowedIps: Prefixes("10.0.0.1/32 10.0.0.3/32 10.0.0.9/32")));
        update.ApplyTo(device).Peers.Select(peer => peer.AllowedIps).ShouldBe([Prefixes("10.0.0.2/32"), Prefixes("10.0.0.3/32")]);
    }

    [Fact]
    public void Without_removals_the_prefixes_leave_by_way_of_a_peer_that_goes()
    {
        var update = Update(
            new PeerUpdate(A, UpdateOnly: true, PersistentKeepalive: 7, RemovedAllowedIps: Prefixes("10.0.0.1/32")),
            new PeerUpdate(B, UpdateOnly: true, RemovedAllowedIps: Prefixes("10.0.0.2/32 10.0.0.3/32")));
        var peers = update.WithoutRemovals().Peers;
        peers[0].ShouldBe(new PeerUpdate(A, UpdateOnly: true, PersistentKeepalive: 7));
        (peers[1].PublicKey, peers[1].UpdateOnly).ShouldBe((DeviceUpdate.ScratchPeer, false));
        peers[1].AllowedIps.ShouldBe(Prefixes("10.0.0.1/32 10.0.0.2/32 10.0.0.3/32"));
        peers[2].ShouldBe(new PeerUpdate(DeviceUpdate.ScratchPeer, Remove: true));
        peers.Count.ShouldBe(3);
    }

    [Fact]
    public void A_change_without_removals_stays_the_very_same()
    {
        var update = Update(new PeerUpdate(A, AllowedIps: Prefixes("10.0.0.1/32")), new PeerUpdate(B, Remove: true, RemovedAllowedIps: Prefixes("10.0.0.1/32")));
        update.WithoutRemovals().ShouldBeSameAs(update);
    }

    [Fact]
    public void Any_change_does_the_same_without_removals_of_what_a_peer_has() => Gen.Select(DeviceGen.Actual, DeviceGen.Changes).Sample((device, changes) =>
    {
        // Of prefixes that nobody has or the peer itself, by what was read before the change; and every insertion happens.
        var update = Update([.. changes.Where(change => change.PublicKey != device.PrivateKey?.PublicKey).Select(change => change with
        {
            UpdateOnly = false,
            RemovedAllowedIps = [.. (change.RemovedAllowedIps ?? []).Where(prefix => Owner(device, prefix) is not { } owner || owner == change.PublicKey)],
        })]);
        var lowered = update.WithoutRemovals();
        lowered.Peers.ShouldAllBe(peer => peer.Remove || peer.RemovedAllowedIps == null || peer.RemovedAllowedIps.Count == 0);
        Text(lowered.ApplyTo(device)).ShouldBe(Text(update.ApplyTo(device)));
    }, iter: 3000);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void At_every_step_of_a_difference_a_prefix_that_stays_has_its_old_peer_or_its_new_one(bool lowered) =>
        Gen.Select(DeviceGen.Spec, DeviceGen.Actual).Where(NoPeerBecomesTheDevice).Sample(
            (desired, actual) =>
            {
                var steps = Steps(desired, actual, lowered);
                foreach (var prefix in actual.Peers.SelectMany(peer => peer.AllowedIps))
                {
                    if (Owner(steps[^1], prefix) is { } newOwner)
                    {
                        steps.ShouldAllBe(step => Owner(step, prefix) == Owner(actual, prefix) || Owner(step, prefix) == newOwner);
                    }
                }
            },
            iter: 3000);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void At_every_step_of_a_difference_an_address_that_has_a_peer_before_and_after_has_one(bool lowered) =>
        Gen.Select(DeviceGen.Spec, DeviceGen.Actual).Where(NoPeerBecomesTheDevice).Sample(
            (desired, actual) =>
            {
                var steps = Steps(desired, actual, lowered);
                foreach (var address in Addresses.Where(address => Match(actual, address) is not null && Match(steps[^1], address) is not null))
                {
                    foreach (var (peer, prefix) in steps.Select(step => Match(step, address)!.Value))
                    {
                        // The scratch peer is nobody, and may have only what goes.
                        (peer != DeviceUpdate.ScratchPeer || (lowered && Owner(steps[^1], prefix) is null)).ShouldBeTrue();
                    }
                }
            },
            iter: 3000);

    [Fact]
    public void Whoever_stops_between_two_steps_leaves_what_the_next_difference_mends() =>
        Gen.Select(DeviceGen.Spec, DeviceGen.Actual).Sample(
            (desired, actual) =>
            {
                foreach (var step in Steps(desired, actual, lowered: true))
                {
                    var mended = DeviceDiff.Between(desired, step, null)?.WithoutRemovals().ApplyTo(step) ?? step;
                    DeviceDiff.Between(desired, mended, null).ShouldBeNull();
                    mended.Peers.ShouldAllBe(peer => peer.PublicKey != DeviceUpdate.ScratchPeer);
                }
            });

    [Fact]
    public void Nobody_can_agree_on_a_secret_with_the_scratch_peer() => Gen.Byte.Array[32].Sample(scalar =>
        X25519.CalculateAgreement(scalar, 0, DeviceUpdate.ScratchPeer.ToArray(), 0, new byte[32], 0).ShouldBeFalse("the agreement is all zero"));

    // A device that gets a peer's key as its own drops that peer first of all.
    private static bool NoPeerBecomesTheDevice((DeviceSpec Desired, Device Actual) change) =>
        change.Actual.Peers.All(peer => peer.PublicKey != change.Desired.PrivateKey.PublicKey);

    // The device after each peer update, one by one; the last is the whole change.
    private static List<Device> Steps(DeviceSpec desired, Device actual, bool lowered)
    {
        var update = DeviceDiff.Between(desired, actual, null) ?? Update();
        update = lowered ? update.WithoutRemovals() : update;
        return [.. Enumerable.Range(0, update.Peers.Count + 1).Select(count => (update with { Peers = [.. update.Peers.Take(count)] }).ApplyTo(actual))];
    }

    private static (PublicKey Peer, IpPrefix Prefix)? Match(Device device, IPAddress address) =>
        device.AllowedIps().TryMatch(address, out var prefix, out var peer) ? (peer.PublicKey, prefix) : null;

    private static PublicKey? Owner(Device device, IpPrefix prefix) => device.AllowedIps().TryGetValue(prefix, out var peer) ? peer.PublicKey : null;

    private static string Text(Device device) => string.Join('\n', device.Peers
        .OrderBy(peer => peer.PublicKey)
        .Select(peer => $"{peer.PublicKey} {peer.PersistentKeepalive} {string.Join(',', peer.AllowedIps.Order())}"));

    private static Device Device(params PeerSpec[] peers) => DeviceGen.Made(new DeviceSpec(DeviceGen.Keys[0], 1, peers));

    private static DeviceUpdate Update(params PeerUpdate[] peers) => new(null, null, null, peers);

    private static IpPrefix[] Prefixes(string text) => [.. text.Split(' ').Select(prefix => IpPrefix.Parse(prefix))];
}
