namespace Elysium.Client.State;

/// <summary>The map that an agent holds, and how the feed moves it on. Pure.</summary>
internal static class MapState
{
    /// <summary>How many peers a map must hold before a shrinking one is doubted.</summary>
    public const int GuardedSize = 10;

    /// <summary>A whole map as it is held: without the machine itself, which the feed names because all peers of a network share its bytes.</summary>
    public static NetworkMap Take(NetworkMap map) => map with { Peers = [.. map.Peers.Where(p => p.Id != map.Self.Id)] };

    /// <summary>
    /// Applies a change to the map that it follows. A change that is not newer than the map has been applied already and is harmless,
    /// so the feed may repeat itself.
    /// </summary>
    public static NetworkMap Apply(NetworkMap map, MapChange change)
    {
        if (change.Version <= map.Version)
        {
            return map;
        }

        var changed = change.Peers.Select(static p => p.Id).ToHashSet();
        var absent = change.Removed.Append(map.Self.Id).ToHashSet();
        var peers = new SortedDictionary<string, MapPeer>(StringComparer.Ordinal);
        foreach (var peer in map.Peers.Where(p => !changed.Contains(p.Id)).Concat(change.Peers).Where(p => !absent.Contains(p.Id)))
        {
            peers[peer.Name] = peer;
        }

        return map with
        {
            Version = change.Version,
            Peers = [.. peers.Values],
            Network = change.Network ?? map.Network,
            Hubs = change.Hubs ?? map.Hubs,
        };
    }

    /// <summary>
    /// Whether a whole map lost so many peers at once that it is asked for again, later, before it is believed: a backend whose
    /// database hiccuped once sent an empty map as truth. Removals that a change names are never doubted.
    /// </summary>
    public static bool IsDoubtful(NetworkMap held, NetworkMap next)
    {
        if (held.Peers.Count < GuardedSize)
        {
            return false;
        }

        var ids = next.Peers.Select(static p => p.Id).ToHashSet();
        return held.Peers.Count(p => !ids.Contains(p.Id)) * 2 > held.Peers.Count;
    }
}
