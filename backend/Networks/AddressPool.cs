using System.Net;
using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Networks;

/// <summary>
/// Addresses that nobody ever had first, then the one that was given back longest ago, once it has rested. Runs in the transaction that
/// inserts the peer, after the network's row was locked.
/// </summary>
internal sealed class AddressPool(BackendOptions options)
{
    /// <summary>An address for a new peer; <paramref name="neverUsed"/> is the offset that the network's cursor gave out.</summary>
    public async Task<Outcome<IPAddress>> TakeAsync(
        ElysiumDatabase database,
        Guid networkId,
        long neverUsed,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var network = await database.Networks.AsNoTracking().SingleAsync(n => n.Id == networkId, cancellationToken);
        var plan = network.Addresses;
        if (neverUsed < plan.EndOffset)
        {
            return plan.Peer(neverUsed);
        }

        var oldest = await database.ReleasedAddresses
            .Where(a => a.NetworkId == networkId)
            .OrderBy(a => a.ReleasedAt)
            .FirstOrDefaultAsync(cancellationToken);
        if (oldest is null)
        {
            return new Refusal(ProblemCodes.NetworkFull, $"All {plan.Capacity} addresses of {network.Prefix} are in use. Remove peers that are gone, or make a larger network.");
        }

        var free = oldest.ReleasedAt + options.AddressQuarantine;
        if (free > now)
        {
            return new Refusal(ProblemCodes.NetworkFull, $"All {plan.Capacity} addresses of {network.Prefix} are in use or resting. The next one is free at {free:u}.");
        }

        database.ReleasedAddresses.Remove(oldest);
        return new IPAddress(oldest.Address);
    }
}
