using Elysium.Backend.Database;
using Elysium.Backend.Pki;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Access;

/// <summary>Whether a peer and its certificate are alive, as the database says at this moment: asked on every request of a peer, once.</summary>
internal sealed class LivePeers : IAsyncDisposable
{
    private readonly IDbContextFactory<ElysiumDatabase> _databases;
    private readonly GatheredReads<Key, LivePeer> _reads;

    public LivePeers(IDbContextFactory<ElysiumDatabase> databases, TimeProvider time)
    {
        _databases = databases;
        _reads = new GatheredReads<Key, LivePeer>(ReadAsync, time);
    }

    /// <summary>Null: it was revoked, has left, or its network is gone.</summary>
    public Task<LivePeer?> FindAsync(PeerIdentity identity, CancellationToken cancellationToken) =>
        _reads.FindAsync(new Key(identity.NetworkId, identity.PeerId, identity.Serial), cancellationToken);

    public ValueTask DisposeAsync() => _reads.DisposeAsync();

    private async Task<Dictionary<Key, LivePeer>> ReadAsync(IReadOnlyCollection<Key> keys)
    {
        // A peer has a row for each live certificate of those asked for, or one without any.
        var peers = new Dictionary<(Guid Network, Guid Peer), Row>();
        var certificates = new HashSet<(Guid Peer, string Serial)>();
        await using var database = await _databases.CreateDbContextAsync();
        var ids = keys.Select(k => k.Peer).ToArray();
        var serials = keys.Select(k => k.Serial).ToArray();
        var rows =
            from peer in database.Peers
            where EF.Parameter(ids).Contains(peer.Id)
            join network in database.Networks on peer.NetworkId equals network.Id
            from certificate in database.Certificates
                .Where(c => c.PeerId == peer.Id && EF.Parameter(serials).Contains(c.Serial) && c.RevokedAt == null)
                .DefaultIfEmpty()
            select new Row(peer.NetworkId, peer.Id, peer.Name, network.Version, certificate == null ? null : certificate.Serial);
        foreach (var row in await rows.ToListAsync())
        {
            peers[(row.Network, row.Peer)] = row;
            if (row.Serial is { } serial)
            {
                certificates.Add((row.Peer, serial));
            }
        }

        var found = new Dictionary<Key, LivePeer>();
        foreach (var key in keys)
        {
            if (peers.TryGetValue((key.Network, key.Peer), out var peer))
            {
                found[key] = new LivePeer(peer.Name, certificates.Contains((key.Peer, key.Serial)), peer.Version);
            }
        }

        return found;
    }

    private readonly record struct Key(Guid Network, Guid Peer, string Serial);

    private sealed record Row(Guid Network, Guid Peer, string Name, long Version, string? Serial);
}

/// <summary>A peer that is a member.</summary>
/// <param name="Name">Its name.</param>
/// <param name="HasCertificate">Whether the certificate is its own and was not revoked.</param>
/// <param name="NetworkVersion">The version at which it was a member.</param>
internal sealed record LivePeer(string Name, bool HasCertificate, long NetworkVersion);
