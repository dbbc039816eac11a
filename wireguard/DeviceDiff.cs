using System.Net;

namespace Elysium.WireGuard;

/// <summary>
/// What must change so that a device becomes what it should be, and nothing else. Only peers that differ are touched, so that
/// sessions of the others, and packets on their way, do not notice. Costs time linear in peers and prefixes.
/// </summary>
/// <remarks>
/// Prefixes are inserted first, of all peers; then those are taken away that nobody should have; then peers go. So an address that has
/// a peer before and after has one at every step between. Only a peer that the device itself drops, because the new private key is
/// its own, loses its prefixes before that. An engine that cannot remove a single prefix gets <see cref="DeviceUpdate.WithoutRemovals"/>.
/// </remarks>
public static class DeviceDiff
{
    /// <summary>Compares.</summary>
    /// <param name="desired">What it should be.</param>
    /// <param name="actual">What it is.</param>
    /// <param name="lastApplied">What was last asked for, if known. An endpoint that differs from the desired one has roamed when the
    /// operator's value is still the same, and stays; when nothing is known the desired one is set.</param>
    /// <returns>The change; null when nothing differs.</returns>
    /// <exception cref="ArgumentException">The desired configuration names a peer twice.</exception>
    public static DeviceUpdate? Between(DeviceSpec desired, Device actual, DeviceSpec? lastApplied)
    {
        ArgumentNullException.ThrowIfNull(desired);
        ArgumentNullException.ThrowIfNull(actual);

        var changes = new List<PeerUpdate>();
        ComparePeers(desired, actual, lastApplied, changes);
        var update = new DeviceUpdate(
            desired.PrivateKey.Equals(actual.PrivateKey) ? null : desired.PrivateKey,
            desired.ListenPort == 0 || desired.ListenPort == actual.ListenPort ? null : desired.ListenPort,
            desired.FirewallMark == actual.FirewallMark ? null : desired.FirewallMark,
            changes);
        return update is { PrivateKey: null, ListenPort: null, FirewallMark: null, Peers.Count: 0 } ? null : update;
    }

    private static void ComparePeers(DeviceSpec desired, Device actual, DeviceSpec? lastApplied, List<PeerUpdate> changes)
    {
        var ownKey = desired.PrivateKey.PublicKey;
        var desiredPeers = desired.Peers.AsSpan();
        var actualPeers = actual.Peers.AsSpan();
        var differing = new List<PeerPair>();
        var wanted = new bool[actualPeers.Length];

        // 1. Which peers differ. Two that have the same prefixes have no part in what follows: no device gives a prefix to two peers, so
        //    of two peers that should have the same one at least one differs.
        using (var index = new PeerIndex(actualPeers, out _))
        {
            var added = new HashSet<PublicKey>();
            for (var number = 0; number < desiredPeers.Length; number++)
            {
                var peer = desiredPeers[number];
                if (IsImpossible(peer.PublicKey, ownKey))
                {
                    continue;
                }

                var place = index.Find(peer.PublicKey);
                if (place < 0 ? !added.Add(peer.PublicKey) : wanted[place])
                {
                    throw new ArgumentException($"The peer {peer.PublicKey} is named twice.", nameof(desired));
                }

                if (place < 0)
                {
                    differing.Add(new PeerPair(number, peer, null, SamePrefixes: false));
                    continue;
                }

                wanted[place] = true;
                var existing = actualPeers[place];
                var samePrefixes = PrefixSets.AreEqual(peer.AllowedIps, existing.AllowedIps);
                if (!samePrefixes || HasOtherSettings(peer, existing))
                {
                    differing.Add(new PeerPair(number, peer, existing, samePrefixes));
                }
            }
        }

        // 2. Peers that are new or different. An inserted prefix leaves its old owner by itself.
        var claims = new PrefixClaims(desired, differing);
        var last = new LastEndpoints(lastApplied);
        foreach (var pair in differing)
        {
            var missing = pair.SamePrefixes ? null : claims.Missing(pair);
            var change = pair.Actual is null ? Added(pair.Desired, missing) : Changed(pair.Desired, pair.Actual, missing, last);
            if (change is not null)
            {
                changes.Add(change);
            }
        }

        // 3. Prefixes that nobody should have.
        foreach (var pair in differing)
        {
            if (!pair.SamePrefixes && claims.Surplus(pair) is { } surplus)
            {
                changes.Add(new PeerUpdate(pair.Desired.PublicKey, UpdateOnly: true, RemovedAllowedIps: surplus));
            }
        }

        // 4. Peers that should not be there. One with our own key goes by itself when the key is set.
        for (var place = 0; place < wanted.Length; place++)
        {
            if (!wanted[place])
            {
                changes.Add(new PeerUpdate(actualPeers[place].PublicKey, Remove: true));
            }
        }
    }

    /// <summary>Whether no device would take a peer of this key, or nobody could be it.</summary>
    internal static bool IsImpossible(PublicKey peer, PublicKey ownKey) => peer == ownKey || peer == DeviceUpdate.ScratchPeer;

    private static bool HasOtherSettings(PeerSpec peer, Peer actual) =>
        peer.PersistentKeepalive != actual.PersistentKeepalive
        || (peer.Endpoint is { } endpoint && !endpoint.Equals(actual.Endpoint))
        || !SameKey(peer.PresharedKey, actual.PresharedKey);

    private static bool SameKey(PresharedKey? desired, PresharedKey? actual) =>
        ReferenceEquals(desired, actual) || (desired ?? PresharedKey.None).Equals(actual ?? PresharedKey.None);

    private static PeerUpdate Added(PeerSpec peer, IReadOnlyList<IpPrefix>? prefixes) => new(
        peer.PublicKey,
        PresharedKey: SameKey(peer.PresharedKey, null) ? null : peer.PresharedKey,
        Endpoint: peer.Endpoint,
        PersistentKeepalive: peer.PersistentKeepalive == 0 ? null : peer.PersistentKeepalive,
        AllowedIps: prefixes);

    private static PeerUpdate? Changed(PeerSpec peer, Peer actual, IReadOnlyList<IpPrefix>? missing, LastEndpoints last)
    {
        var change = new PeerUpdate(
            peer.PublicKey,
            UpdateOnly: true,
            PresharedKey: SameKey(peer.PresharedKey, actual.PresharedKey) ? null : peer.PresharedKey ?? PresharedKey.None,
            Endpoint: peer.Endpoint is null || peer.Endpoint.Equals(actual.Endpoint) || HasRoamed(peer, actual, last) ? null : peer.Endpoint,
            PersistentKeepalive: peer.PersistentKeepalive == actual.PersistentKeepalive ? null : peer.PersistentKeepalive,
            AllowedIps: missing);
        return change is { PresharedKey: null, Endpoint: null, PersistentKeepalive: null, AllowedIps: null } ? null : change;
    }

    // It is somewhere else, and the operator's value is the one that was set before.
    private static bool HasRoamed(PeerSpec peer, Peer actual, LastEndpoints last) =>
        actual.Endpoint is not null && peer.Endpoint!.Equals(last.Of(peer.PublicKey));

    /// <summary>Where peers should have been when last asked; put together when the first is asked for, because mostly none is.</summary>
    private sealed class LastEndpoints(DeviceSpec? spec)
    {
        private Dictionary<PublicKey, IPEndPoint?>? _endpoints;

        public IPEndPoint? Of(PublicKey peer) => (_endpoints ??= Read()).GetValueOrDefault(peer);

        // Peers that were left out may stand there twice.
        private Dictionary<PublicKey, IPEndPoint?> Read()
        {
            var endpoints = new Dictionary<PublicKey, IPEndPoint?>();
            foreach (var peer in spec?.Peers ?? [])
            {
                endpoints[peer.PublicKey] = peer.Endpoint;
            }

            return endpoints;
        }
    }
}
