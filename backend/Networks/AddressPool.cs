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
    /// <summary>An address for a new peer, with what the network's row gave out.</summary>
    public async Task<Outcome<IPAddress>> TakeAsync(
        ElysiumDatabase database,
        Guid networkId,
        NetworkTicket ticket,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var plan = ticket.Addresses;
        if (ticket.Offset < plan.EndOffset)
        {
            return plan.Peer(ticket.Offset);
        }

        var oldest = await database.ReleasedAddresses
            .Where(a => a.NetworkId == networkId)
            .OrderBy(a => a.ReleasedAt)
            .FirstOrDefaultAsync(cancellationToken);
        if (oldest is null)
        {
            return new Refusal(ProblemCodes.NetworkFull, $"All {plan.Capacity} addresses of {plan.Prefix} are in use. Remove peers that are gone, or make a larger network.");
        }

        var free = oldest.ReleasedAt + options.AddressQuarantine;
        if (free > now)
        {
            return new Refusal(ProblemCodes.NetworkFull, $"All {plan.Capacity} addresses of {plan.Prefix} are in use or resting. The next one is free at {free:u}.");
        }

        database.ReleasedAddresses.Remove(oldest);
        return new IPAddress(oldest.Address);
    }
}
