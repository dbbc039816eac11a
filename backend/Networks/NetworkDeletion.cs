using Elysium.Backend.Audit;
using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Elysium.Backend.Maps;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Networks;

/// <summary>Deletes a network with all that belongs to it. Its peers' certificates stay on record, revoked.</summary>
internal sealed class NetworkDeletion(DatabaseWriter writer, ChangePublisher changes, TimeProvider time)
{
    public async Task<Outcome<Change>> RunAsync(string name, string actor, CancellationToken cancellationToken)
    {
        var outcome = await writer.WriteAsync<Change>(
            async (database, token) =>
            {
                if (await database.Networks.Where(n => n.Name == name).Select(n => (Guid?)n.Id).SingleOrDefaultAsync(token) is { } id)
                {
                    await database.LockForDeletionAsync(id, token);
                }

                var network = await database.Networks.SingleOrDefaultAsync(n => n.Name == name, token);
                if (network is null)
                {
                    return NetworkEndpoints.NotFound(name);
                }

                var now = time.GetUtcNow();
                var peers = await database.Peers.Where(p => p.NetworkId == network.Id).Select(p => p.Id).ToListAsync(token);
                await database.Certificates
                    .Where(c => c.NetworkId == network.Id && c.RevokedAt == null)
                    .ExecuteUpdateAsync(set => set.SetProperty(c => c.RevokedAt, now), token);
                database.Networks.Remove(network);
                database.AuditEvents.Add(AuditEvent.Of(now, actor, "network.deleted", $"{network.Name} {string.Join(' ', network.Prefixes)} with {peers.Count} peers", network.Id));
                return new Change(network.Id, network.Version + 1) { RemovedPeers = peers, NetworkDeleted = true };
            },
            cancellationToken);
        if (outcome.Refusal is null)
        {
            changes.Publish(outcome.Value);
        }

        return outcome;
    }
}
