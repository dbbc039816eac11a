using System.Net;
using Elysium.Backend.Database;
using Elysium.WireGuard;
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

    /// <summary>
    /// The next version, and the offset of an address that nobody ever had, which lies past the end once all were given out; and what of the
    /// network's row is needed besides, so that it is read once.
    /// </summary>
    public static async Task<NetworkTicket?> AdvanceWithAddressAsync(ElysiumDatabase database, Guid network, CancellationToken cancellationToken)
    {
        var rows = await database.Database
            .SqlQuery<NetworkTicket>($"UPDATE networks SET version = version + 1, cursor = cursor + 1 WHERE id = {network} RETURNING version, cursor - 1 AS offset, prefix_address, prefix_length, hub_public_key")
            .ToListAsync(cancellationToken);
        return rows is [var ticket] ? ticket : null;
    }
}

/// <summary>What a network gave out: a version, and an offset in its prefix.</summary>
internal sealed record NetworkTicket(long Version, long Offset, byte[] PrefixAddress, int PrefixLength, byte[] HubPublicKey)
{
    public AddressPlan Addresses => new(new IpPrefix(new IPAddress(PrefixAddress), PrefixLength));
}
