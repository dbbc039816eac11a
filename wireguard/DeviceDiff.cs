using System.Net;

namespace Elysium.WireGuard;

/// <summary>
/// What must change so that a device becomes what it should be, and nothing else. Only peers that differ are touched, so that
/// sessions of the others, and packets on their way, do not notice. Costs time linear in peers and prefixes.
/// </summary>
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

        // 1. Peers that are new or different. An inserted prefix leaves its old owner by itself, so these stand before the removals
        //    and no packet finds a prefix without a peer.
        foreach (var peer in desired.Peers)
        {
            if (!wanted.Add(peer.PublicKey))
            {
                throw new ArgumentException($"The peer {peer.PublicKey} is named twice.", nameof(desired));
            }

            if (peer.PublicKey == desired.PrivateKey.PublicKey)
            {
                continue;
            }

            var change = actualPeers.TryGetValue(peer.PublicKey, out var existing)
                ? Changed(peer, existing, owners, lastEndpoints)
                : Added(peer, owners);
            if (change is not null)
            {
                changes.Add(change);
            }
        }

        // 2. Peers that should not be there. One with our own key goes by itself when the key is set.
        changes.AddRange(actual.Peers
            .Where(peer => !wanted.Contains(peer.PublicKey) || peer.PublicKey == desired.PrivateKey.PublicKey)
            .Select(peer => new PeerUpdate(peer.PublicKey, Remove: true)));

        // 3. The device itself.
        var update = new DeviceUpdate(
            desired.PrivateKey.Equals(actual.PrivateKey) ? null : desired.PrivateKey,
            desired.ListenPort == 0 || desired.ListenPort == actual.ListenPort ? null : desired.ListenPort,
            desired.FirewallMark == actual.FirewallMark ? null : desired.FirewallMark,
            changes);
        return update is { PrivateKey: null, ListenPort: null, FirewallMark: null, Peers.Count: 0 } ? null : update;
    }

    private static Dictionary<IpPrefix, PublicKey> Owners(DeviceSpec desired)
    {
        var owners = new Dictionary<IpPrefix, PublicKey>(desired.Peers.Count);
        foreach (var peer in desired.Peers)
        {
            foreach (var prefix in peer.PublicKey == desired.PrivateKey.PublicKey ? [] : peer.AllowedIps)
            {
                owners[prefix] = peer.PublicKey;
            }
        }

        return owners;
    }

    private static PeerUpdate Added(PeerSpec peer, Dictionary<IpPrefix, PublicKey> owners) => new(
        peer.PublicKey,
        PresharedKey: peer.PresharedKey is { } key && !key.Equals(PresharedKey.None) ? key : null,
        Endpoint: peer.Endpoint,
        PersistentKeepalive: peer.PersistentKeepalive == 0 ? null : peer.PersistentKeepalive,
        ReplaceAllowedIps: true,
        AllowedIps: [.. peer.AllowedIps.Where(prefix => owners[prefix] == peer.PublicKey).Distinct()]);

    private static PeerUpdate? Changed(
        PeerSpec peer,
        Peer actual,
        Dictionary<IpPrefix, PublicKey> owners,
        Dictionary<PublicKey, IPEndPoint?>? lastEndpoints)
    {
        var preshared = peer.PresharedKey ?? PresharedKey.None;
        var (replace, prefixes) = AllowedIps(peer, actual, owners);
        var change = new PeerUpdate(
            peer.PublicKey,
            UpdateOnly: true,
            PresharedKey: preshared.Equals(actual.PresharedKey ?? PresharedKey.None) ? null : preshared,
            Endpoint: Endpoint(peer, actual, lastEndpoints),
            PersistentKeepalive: peer.PersistentKeepalive == actual.PersistentKeepalive ? null : peer.PersistentKeepalive,
            ReplaceAllowedIps: replace,
            AllowedIps: prefixes);
        return change is { PresharedKey: null, Endpoint: null, PersistentKeepalive: null, ReplaceAllowedIps: false, AllowedIps: null } ? null : change;
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

    // Prefixes to insert (null: none), and whether the old ones must go first. A prefix that another peer gets is not ours to
    // remove; and replacing is the only removal that every engine knows.
    private static (bool Replace, IReadOnlyList<IpPrefix>? Prefixes) AllowedIps(PeerSpec peer, Peer actual, Dictionary<IpPrefix, PublicKey> owners)
    {
        if (peer.AllowedIps.SequenceEqual(actual.AllowedIps) && peer.AllowedIps.All(prefix => owners[prefix] == peer.PublicKey))
        {
            return (false, null);
        }

        var desired = peer.AllowedIps.Where(prefix => owners[prefix] == peer.PublicKey).ToHashSet();
        if (actual.AllowedIps.Any(prefix => !desired.Contains(prefix) && !owners.ContainsKey(prefix)))
        {
            return (true, [.. desired]);
        }

        desired.ExceptWith(actual.AllowedIps);
        return (false, desired.Count == 0 ? null : [.. desired]);
    }
}
