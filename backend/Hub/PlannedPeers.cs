using System.Net;
using Elysium.Backend.Networks;
using Elysium.WireGuard;

namespace Elysium.Backend.Hub;

/// <summary>The WireGuard peers of one network, by the peer that each is: what changes costs, and nothing else does.</summary>
internal sealed class PlannedPeers
{
    private readonly Dictionary<Guid, int> _places = [];
    private readonly List<Guid> _ids = [];
    private readonly List<PeerSpec> _specs = [];

    /// <summary>All of them, as they are now.</summary>
    public IReadOnlyList<PeerSpec> Snapshot => [.. _specs];

    public void Add(AddressPlan addresses, PlannedPeer peer) => Add(peer.Id, Of(addresses, peer));

    /// <summary>Takes over what became of some peers: those that are there are given as they are now.</summary>
    /// <returns>Who came and who went.</returns>
    public (IReadOnlyList<PeerSpec> Added, IReadOnlyList<PublicKey> Removed) Apply(AddressPlan addresses, IReadOnlyCollection<Guid> changed, IEnumerable<PlannedPeer> present)
    {
        var rows = present.ToDictionary(peer => peer.Id);
        var added = new List<PeerSpec>();
        var removed = new List<PublicKey>();
        foreach (var id in changed)
        {
            var after = rows.TryGetValue(id, out var row) ? Of(addresses, row) : null;
            var before = _places.TryGetValue(id, out var place) ? _specs[place] : null;
            if (before is not null && after is not null && before.PublicKey == after.PublicKey && before.AllowedIps.SequenceEqual(after.AllowedIps))
            {
                continue;
            }

            if (before is not null)
            {
                removed.Add(before.PublicKey);
                Remove(id, place);
            }

            if (after is not null)
            {
                added.Add(after);
                Add(id, after);
            }
        }

        return (added, removed);
    }

    private static PeerSpec Of(AddressPlan addresses, PlannedPeer peer)
    {
        var address = new IPAddress(peer.Address);
        return new PeerSpec(
            new PublicKey(peer.WireGuardPublicKey),
            addresses.Beside(address) is { } address6 ? [IpPrefix.Of(address), IpPrefix.Of(address6)] : [IpPrefix.Of(address)]);
    }

    private void Add(Guid id, PeerSpec spec)
    {
        _places[id] = _specs.Count;
        _ids.Add(id);
        _specs.Add(spec);
    }

    // The last one takes its place: WireGuard's peers have no order.
    private void Remove(Guid id, int place)
    {
        var last = _specs.Count - 1;
        (_ids[place], _specs[place]) = (_ids[last], _specs[last]);
        _places[_ids[place]] = place;
        _places.Remove(id);
        _ids.RemoveAt(last);
        _specs.RemoveAt(last);
    }
}

/// <summary>What the hub must know of a peer.</summary>
internal sealed record PlannedPeer(Guid Id, byte[] WireGuardPublicKey, byte[] Address);
