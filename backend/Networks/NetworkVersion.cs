using Elysium.Backend.Database;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Networks;

/// <summary>
/// Moves a network on. The row stays locked until the transaction ends, so versions appear in order and without gaps: take it last.
/// </summary>
internal static class NetworkVersion
{
    /// <summary>The next version; null when the network is gone.</summary>
    public static async Task<long?> AdvanceAsync(ElysiumDatabase database, Guid network, CancellationToken cancellationToken)
    {
        var rows = await database.Database
            .SqlQuery<long>($"UPDATE networks SET version = version + 1 WHERE id = {network} RETURNING version AS \"Value\"")
            .ToListAsync(cancellationToken);
        return rows is [var version] ? version : null;
    }

    /// <summary>Moves on by so many versions and so many addresses that nobody ever had; null when the network is gone.</summary>
    public static async Task<NetworkTicket?> AdvanceAsync(ElysiumDatabase database, Guid network, int versions, int addresses, CancellationToken cancellationToken)
    {
        var rows = await database.Database
            .SqlQuery<NetworkTicket>($"UPDATE networks SET version = version + {versions}, cursor = cursor + {addresses} WHERE id = {network} RETURNING version, cursor")
            .ToListAsync(cancellationToken);
        return rows is [var ticket] ? ticket : null;
    }

    /// <summary>Takes back some of what <see cref="AdvanceAsync(ElysiumDatabase, Guid, int, int, CancellationToken)"/> gave out in this transaction.</summary>
    public static Task SetAsync(ElysiumDatabase database, Guid network, long version, long cursor, CancellationToken cancellationToken) =>
        database.Networks
            .Where(n => n.Id == network)
            .ExecuteUpdateAsync(set => set.SetProperty(n => n.Version, version).SetProperty(n => n.Cursor, cursor), cancellationToken);
}

/// <summary>How far a network is: its version, and the offset of the next address that nobody ever had, which may lie past the end.</summary>
internal sealed record NetworkTicket(long Version, long Cursor);
