using Elysium.Backend.Database;
using Elysium.Backend.Pki;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Access;

/// <summary>Whether a peer and its certificate are alive, as the database says at this moment: one query, on every request of a peer.</summary>
internal sealed class LivePeers(IDbContextFactory<ElysiumDatabase> databases)
{
    // Of this instance: a compiled query belongs to one engine's model.
    private readonly Func<ElysiumDatabase, Guid, Guid, string, CancellationToken, Task<LivePeer?>> _find = EF.CompileAsyncQuery(
        (ElysiumDatabase database, Guid network, Guid peer, string serial, CancellationToken _) => database.Peers
            .Where(p => p.Id == peer && p.NetworkId == network)
            .Select(p => new LivePeer(p.Name, database.Certificates.Any(c => c.Serial == serial && c.PeerId == peer && c.RevokedAt == null)))
            .SingleOrDefault());

    /// <summary>Null: it was revoked, has left, or its network is gone.</summary>
    public async Task<LivePeer?> FindAsync(PeerIdentity identity, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await _find(database, identity.NetworkId, identity.PeerId, identity.Serial, cancellationToken);
    }
}

/// <summary>A peer that is a member.</summary>
/// <param name="Name">Its name.</param>
/// <param name="HasCertificate">Whether the certificate is its own and was not revoked.</param>
internal sealed record LivePeer(string Name, bool HasCertificate);
