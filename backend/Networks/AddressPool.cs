using System.Net;
using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Networks;

/// <summary>
/// Addresses that nobody ever had first, then those that were given back longest ago, once they have rested. Runs in the transaction that
/// inserts the peers, after the network's row was locked.
/// </summary>
internal sealed class AddressPool(BackendOptions options)
{
    /// <summary>Addresses for so many new peers, or for as many as there are.</summary>
    /// <param name="database">The transaction.</param>
    /// <param name="network">Whose addresses.</param>
    /// <param name="cursor">Offset of the first address that nobody ever had; this transaction may take as many from there as it wants.</param>
    /// <param name="count">How many.</param>
    /// <param name="now">The clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<AddressGrant> TakeAsync(
        ElysiumDatabase database,
        Network network,
        long cursor,
        int count,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var plan = network.Addresses;
        var fresh = (int)Math.Clamp(plan.EndOffset - cursor, 0, count);
        List<IPAddress> taken = [.. Enumerable.Range(0, fresh).Select(number => plan.Peer(cursor + number))];
        if (fresh == count)
        {
            return new AddressGrant(taken, cursor + fresh, null);
        }

        var oldest = await database.ReleasedAddresses
            .Where(a => a.NetworkId == network.Id)
            .OrderBy(a => a.ReleasedAt)
            .ThenBy(a => a.Address)
            .Take(count - fresh)
            .ToListAsync(cancellationToken);
        var rested = oldest.TakeWhile(a => a.ReleasedAt + options.AddressQuarantine <= now).ToList();
        database.ReleasedAddresses.RemoveRange(rested);
        taken.AddRange(rested.Select(a => new IPAddress(a.Address)));
        return new AddressGrant(taken, cursor + fresh, taken.Count == count ? null : Full(plan, rested.Count < oldest.Count ? oldest[rested.Count] : null));
    }

    private Refusal Full(AddressPlan plan, ReleasedAddress? next) => next is null
        ? new Refusal(ProblemCodes.NetworkFull, $"All {plan.Capacity} addresses of {plan.Prefix} are in use. Remove peers that are gone, or make a larger network.")
        : new Refusal(ProblemCodes.NetworkFull, $"All {plan.Capacity} addresses of {plan.Prefix} are in use or resting. The next one is free at {next.ReleasedAt + options.AddressQuarantine:u}.");
}

/// <summary>What the pool gave: addresses, the network's cursor after that, and why there are no more if there are too few.</summary>
internal sealed record AddressGrant(IReadOnlyList<IPAddress> Addresses, long Cursor, Refusal? Rest);
