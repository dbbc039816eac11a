using System.Net;
using CsCheck;
using Elysium.WireGuard;

namespace Elysium.Tests.WireGuard;

/// <summary>Random configurations from few keys, prefixes and endpoints, so that two of them have much in common and much in conflict.</summary>
internal static class DeviceGen
{
    public static readonly PrivateKey[] Keys = [.. Enumerable.Range(1, 8).Select(i => new PrivateKey([.. Enumerable.Repeat((byte)i, 32)]))];

    private static readonly IpPrefix[] Prefixes =
        [.. "10.0.0.1/32 10.0.0.2/32 10.0.0.0/24 10.0.0.0/16 0.0.0.0/0 fd00::1/128 fd00::/64 ::/0".Split(' ').Select(text => IpPrefix.Parse(text))];

    private static readonly IPEndPoint?[] Endpoints = [null, IPEndPoint.Parse("192.0.2.1:51820"), IPEndPoint.Parse("[2001:db8::1]:51820")];

    private static readonly PresharedKey?[] PresharedKeys = [null, new PresharedKey([.. Enumerable.Repeat((byte)7, 32)]), new PresharedKey([.. Enumerable.Repeat((byte)8, 32)])];

    private static readonly Gen<PeerSpec> Peer = Gen.Select(
        OneOf(Keys),
        OneOf(Prefixes).Array[0, 4],
        OneOf(Endpoints),
        OneOf<ushort>(0, 25),
        OneOf(PresharedKeys),
        (key, prefixes, endpoint, keepalive, preshared) => new PeerSpec(key.PublicKey, prefixes, endpoint, keepalive, preshared));

    public static readonly Gen<DeviceSpec> Spec = Gen.Select(
        OneOf(Keys),
        OneOf(0, 51820, 51821),
        Peer.Array[0, 8].Select(peers => peers.DistinctBy(peer => peer.PublicKey).ToArray()),
        OneOf(0u, 51u),
        (key, port, peers, mark) => new DeviceSpec(key, port, peers, mark));

    /// <summary>A device as it would be if the specification had been given to a fresh one, some of its peers roamed.</summary>
    public static readonly Gen<Device> Actual = Gen.Select(Spec, Gen.Bool, (spec, fresh) => fresh ? Fresh : Made(spec));

    /// <summary>Changes to peers that are there or not, with insertions and removals of the same prefixes.</summary>
    public static readonly Gen<PeerUpdate[]> Changes = Gen.Select(
        OneOf(Keys),
        Gen.Int[0, 9],
        Gen.Bool,
        OneOf(Prefixes).Array[0, 3],
        OneOf(Prefixes).Array[0, 3],
        (key, kind, updateOnly, inserted, removed) => kind == 0
            ? new PeerUpdate(key.PublicKey, Remove: true)
            : new PeerUpdate(key.PublicKey, UpdateOnly: updateOnly, AllowedIps: inserted, RemovedAllowedIps: removed)).Array[0, 6];

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    public static Device Fresh => new("wg0", null, 0, 0, []);

    public static Device Made(DeviceSpec spec) => new DeviceUpdate(
        spec.PrivateKey,
        spec.ListenPort,
        spec.FirewallMark,
        [.. spec.Peers.Select(peer => new PeerUpdate(
            peer.PublicKey,
            PresharedKey: peer.PresharedKey,
            Endpoint: peer.Endpoint,
            PersistentKeepalive: peer.PersistentKeepalive,
            AllowedIps: peer.AllowedIps))]).ApplyTo(Fresh);
}
