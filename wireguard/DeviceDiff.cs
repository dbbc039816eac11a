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

        var owners = Owners(desired);
        var actualPeers = actual.Peers.ToDictionary(peer => peer.PublicKey);
        var lastEndpoints = lastApplied?.Peers.ToDictionary(peer => peer.PublicKey, peer => peer.Endpoint);
        var wanted = new HashSet<PublicKey>(desired.Peers.Count);
        var changes = new List<PeerUpdate>();
        var removals = new List<PeerUpdate>();

        // 1. Peers that are new or different. An inserted prefix leaves its old owner by itself.
        foreach (var peer in desired.Peers)
        {
            if (!wanted.Add(peer.PublicKey))
            {
                throw new ArgumentException($"The peer {peer.PublicKey} is named twice.", nameof(desired));
            }

            if (IsImpossible(peer.PublicKey, desired))
            {
                continue;
            }

            if (!actualPeers.TryGetValue(peer.PublicKey, out var existing))
            {
                changes.Add(Added(peer, owners));
                continue;
            }

            var prefixes = AllowedIps(peer, existing, owners);
            if (Changed(peer, existing, prefixes.Missing, lastEndpoints) is { } change)
            {
                changes.Add(change);
            }

            // 2. Prefixes that nobody should have.
            if (prefixes.Surplus is not null)
            {
                removals.Add(new PeerUpdate(peer.PublicKey, UpdateOnly: true, RemovedAllowedIps: prefixes.Surplus));
            }
        }

        changes.AddRange(removals);

        // 3. Peers that should not be there. One with our own key goes by itself when the key is set.
        changes.AddRange(actual.Peers
            .Where(peer => !wanted.Contains(peer.PublicKey) || IsImpossible(peer.PublicKey, desired))
            .Select(peer => new PeerUpdate(peer.PublicKey, Remove: true)));

        // 4. The device itself.
        var update = new DeviceUpdate(
            desired.PrivateKey.Equals(actual.PrivateKey) ? null : desired.PrivateKey,
            desired.ListenPort == 0 || desired.ListenPort == actual.ListenPort ? null : desired.ListenPort,
            desired.FirewallMark == actual.FirewallMark ? null : desired.FirewallMark,
            changes);
        return update is { PrivateKey: null, ListenPort: null, FirewallMark: null, Peers.Count: 0 } ? null : update;
    }

    private static bool IsImpossible(PublicKey peer, DeviceSpec desired) => peer == desired.PrivateKey.PublicKey || peer == DeviceUpdate.ScratchPeer;

    private static Dictionary<IpPrefix, PublicKey> Owners(DeviceSpec desired)
    {
        var owners = new Dictionary<IpPrefix, PublicKey>(desired.Peers.Count);
        foreach (var peer in desired.Peers)
        {
            foreach (var prefix in IsImpossible(peer.PublicKey, desired) ? [] : peer.AllowedIps)
            {
                owners[prefix] = peer.PublicKey;
            }
        }

        return owners;
    }

    private static PeerUpdate Added(PeerSpec peer, Dictionary<IpPrefix, PublicKey> owners)
    {
        var prefixes = peer.AllowedIps.Where(prefix => owners[prefix] == peer.PublicKey).Distinct().ToList();
        return new PeerUpdate(
            peer.PublicKey,
            PresharedKey: peer.PresharedKey is { } key && !key.Equals(PresharedKey.None) ? key : null,
            Endpoint: peer.Endpoint,
            PersistentKeepalive: peer.PersistentKeepalive == 0 ? null : peer.PersistentKeepalive,
            AllowedIps: prefixes.Count == 0 ? null : prefixes);
    }

    private static PeerUpdate? Changed(
        PeerSpec peer,
        Peer actual,
        IReadOnlyList<IpPrefix>? missing,
        Dictionary<PublicKey, IPEndPoint?>? lastEndpoints)
    {
        var preshared = peer.PresharedKey ?? PresharedKey.None;
        var change = new PeerUpdate(
            peer.PublicKey,
            UpdateOnly: true,
            PresharedKey: preshared.Equals(actual.PresharedKey ?? PresharedKey.None) ? null : preshared,
            Endpoint: Endpoint(peer, actual, lastEndpoints),
            PersistentKeepalive: peer.PersistentKeepalive == actual.PersistentKeepalive ? null : peer.PersistentKeepalive,
            AllowedIps: missing);
        return change is { PresharedKey: null, Endpoint: null, PersistentKeepalive: null, AllowedIps: null } ? null : change;
    }

    private static IPEndPoint? Endpoint(PeerSpec peer, Peer actual, Dictionary<PublicKey, IPEndPoint?>? lastEndpoints)
    {
        if (peer.Endpoint is null || peer.Endpoint.Equals(actual.Endpoint))
        {
            return null;
        }

        var roamed = actual.Endpoint is not null
            && lastEndpoints is not null
            && lastEndpoints.TryGetValue(peer.PublicKey, out var last)
            && peer.Endpoint.Equals(last);
        return roamed ? null : peer.Endpoint;
    }

    // Prefixes to insert and to take away (null: none). One that another peer gets leaves by itself.
    private static (IReadOnlyList<IpPrefix>? Missing, IReadOnlyList<IpPrefix>? Surplus) AllowedIps(
        PeerSpec peer,
        Peer actual,
        Dictionary<IpPrefix, PublicKey> owners)
    {
        if (peer.AllowedIps.SequenceEqual(actual.AllowedIps) && peer.AllowedIps.All(prefix => owners[prefix] == peer.PublicKey))
        {
            return (null, null);
        }

        var missing = peer.AllowedIps.Where(prefix => owners[prefix] == peer.PublicKey).Except(actual.AllowedIps).ToList();
        var surplus = actual.AllowedIps.Where(prefix => !owners.ContainsKey(prefix)).ToList();
        return (missing.Count == 0 ? null : missing, surplus.Count == 0 ? null : surplus);
    }
}
