namespace Elysium.WireGuard;

/// <summary>Takes prefixes from peers where an engine can only insert them and remove whole peers.</summary>
internal static class AllowedIpRemovals
{
    public static readonly PublicKey ScratchPeer = new(Convert.FromHexString("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"));

    public static DeviceUpdate Lower(DeviceUpdate update)
    {
        if (!update.Peers.Any(Removes))
        {
            return update;
        }

        var peers = new List<PeerUpdate>(update.Peers.Count + 2);
        var inserted = new Dictionary<IpPrefix, PublicKey>();
        var leaving = new OrderedDictionary<IpPrefix, bool>();
        foreach (var peer in update.Peers)
        {
            // 1. What somebody gets here is not another's to lose later, and stays if it is inserted again after it was removed.
            foreach (var prefix in peer.Remove ? [] : peer.AllowedIps ?? [])
            {
                inserted[prefix] = peer.PublicKey;
                leaving.Remove(prefix);
            }

            if (!Removes(peer))
            {
                peers.Add(peer);
                continue;
            }

            foreach (var prefix in peer.RemovedAllowedIps!)
            {
                if (!inserted.TryGetValue(prefix, out var owner) || owner == peer.PublicKey)
                {
                    leaving[prefix] = true;
                }
            }

            // 2. A change that only removed says nothing more.
            var rest = peer with { RemovedAllowedIps = null };
            if (rest != new PeerUpdate(peer.PublicKey, UpdateOnly: true))
            {
                peers.Add(rest);
            }
        }

        // 3. Side by side at the end, so that the moment between them is as short as can be.
        if (leaving.Count > 0)
        {
            peers.Add(new PeerUpdate(ScratchPeer, AllowedIps: [.. leaving.Keys]));
            peers.Add(new PeerUpdate(ScratchPeer, Remove: true));
        }

        return update with { Peers = peers };
    }

    private static bool Removes(PeerUpdate peer) => !peer.Remove && peer.RemovedAllowedIps is { Count: > 0 };
}
