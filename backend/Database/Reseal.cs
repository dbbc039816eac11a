using System.Security.Cryptography;
using Elysium.Backend.Audit;
using Elysium.Backend.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Database;

/// <summary>Seals every private key in the database anew with the first sealing key, so that the others can be removed. All of them, or none.</summary>
internal sealed class Reseal(ElysiumDatabase database, KeySealer sealer, TimeProvider time)
{
    /// <summary>How many were sealed anew, and how many a backend sealed with another key meanwhile.</summary>
    public async Task<Outcome<(int Done, int Left)>> RunAsync(CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        var done = 0;
        foreach (var network in await database.Networks.AsNoTracking().OrderBy(n => n.Id).ToListAsync(cancellationToken))
        {
            var anew = Again(network.HubPrivateKeySealed, network.Id, $"The private key of network '{network.Name}'");
            if (anew.Refusal is { } refusal)
            {
                return refusal;
            }

            // One that was deleted meanwhile needs no key.
            done += await database.Networks.Where(n => n.Id == network.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(n => n.HubPrivateKeySealed, anew.Value), cancellationToken);
        }

        foreach (var authority in await database.Authorities.AsNoTracking().Where(a => a.PrivateKeySealed != null).OrderBy(a => a.Id).ToListAsync(cancellationToken))
        {
            var anew = Again(authority.PrivateKeySealed!, authority.Id, "The issuing CA's private key");
            if (anew.Refusal is { } refusal)
            {
                return refusal;
            }

            done += await database.Authorities.Where(a => a.Id == authority.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(a => a.PrivateKeySealed, anew.Value), cancellationToken);
        }

        var left = (await database.Networks.Select(n => n.HubPrivateKeySealed).ToListAsync(cancellationToken)).Count(blob => KeySealer.KeyOf(blob) != sealer.First.Name);
        database.AuditEvents.Add(AuditEvent.Of(time.GetUtcNow(), "elysium-backend", "keys.resealed", $"{done} private keys with sealing key {sealer.First.Name}"));
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
        return (done, left);
    }

    private Outcome<byte[]> Again(byte[] blob, Guid owner, string what)
    {
        try
        {
            var secret = sealer.Open(blob, owner);
            var anew = sealer.Seal(secret, owner);
            CryptographicOperations.ZeroMemory(secret);
            return anew;
        }
        catch (CryptographicException e)
        {
            return new Refusal("reseal", $"{what} cannot be opened: {e.Message}. Nothing was changed.");
        }
    }
}
