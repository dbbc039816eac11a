using Elysium.Backend.Audit;
using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Elysium.Backend.Maps;
using Elysium.Backend.Networks;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Peers;

/// <summary>
/// Takes a peer out, because it leaves or an operator revokes it: one transaction, after which its certificates are dead, its address
/// rests, its stream is cut, and hub and peers forget it.
/// </summary>
internal sealed class PeerRemoval(DatabaseWriter writer, ChangePublisher changes, TimeProvider time)
{
    public async Task<Outcome<Change>> RunAsync(Guid networkId, Guid peerId, string actor, string action, CancellationToken cancellationToken)
    {
        var outcome = await writer.WriteAsync<Change>(
            async (database, token) =>
            {
                var now = time.GetUtcNow();
                // Behind the lock: another backend may be removing the same peer.
                if (await NetworkVersion.AdvanceAsync(database, networkId, token) is not { } version
                    || await database.Peers.SingleOrDefaultAsync(p => p.Id == peerId && p.NetworkId == networkId, token) is not { } peer)
                {
                    return new Refusal(ProblemCodes.PeerNotFound, $"There is no peer {peerId} any more.");
                }

                await database.Certificates
                    .Where(c => c.PeerId == peerId && c.RevokedAt == null)
                    .ExecuteUpdateAsync(set => set.SetProperty(c => c.RevokedAt, now), token);
                database.Peers.Remove(peer);
                database.ReleasedAddresses.Add(new ReleasedAddress { NetworkId = networkId, Address = peer.Address, ReleasedAt = now });
                database.MapChanges.Add(new MapChangeRow { NetworkId = networkId, Version = version, PeerId = peerId, At = now });
                database.AuditEvents.Add(AuditEvent.Of(now, actor, action, $"{peer.Name} {peer.IPAddress}", networkId, peerId));
                return new Change(networkId, version) { RemovedPeers = [peerId] };
            },
            cancellationToken);
        if (outcome.Refusal is null)
        {
            changes.Publish(outcome.Value);
        }

        return outcome;
    }
}
