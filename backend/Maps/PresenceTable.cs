using System.Globalization;
using System.Text;
using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Maps;

/// <summary>
/// Who is connected, to which backend ever. A row belongs to one stream: only a newer one takes it over, or any that is open once the row
/// tells of none or of one that has not been heard of for too long; and only its own stream's end marks it offline.
/// </summary>
internal sealed class PresenceTable(IDbContextFactory<ElysiumDatabase> databases, DatabaseWriter writer)
{
    /// <summary>In the place of a note where a statement has more places: of a peer that never exists.</summary>
    private static readonly PresenceNote Nothing = new(Guid.Empty, Guid.Empty, Connected: false, default);

    /// <summary>Places of a statement: each number is another text, which the database prepares and EF Core keeps.</summary>
    private static readonly int[] Sizes = [1, 8, 64, 500];

    /// <summary>Writes notes, one for each peer at most, in one statement. Gives the peers among them that exist.</summary>
    public async Task<Outcome<IReadOnlyList<Guid>>> WriteAsync(IReadOnlyList<PresenceNote> notes, CancellationToken cancellationToken)
    {
        try
        {
            return await WriteOnceAsync(notes, cancellationToken);
        }
        catch (Exception e) when (ConstraintViolation.Of(e) is not null)
        {
            // A peer was there when PostgreSQL looked, and removed before it checked the reference: now it is seen to be gone.
            return await WriteOnceAsync(notes, cancellationToken);
        }
    }

    /// <summary>A network's rows, and the database's time.</summary>
    public static async Task<(Dictionary<Guid, PeerPresence> Rows, DateTimeOffset Now)> ReadAsync(ElysiumDatabase database, Guid networkId, CancellationToken cancellationToken)
    {
        var rows = await database.Presence.AsNoTracking()
            .Where(p => database.Peers.Any(m => m.Id == p.PeerId && m.NetworkId == networkId))
            .ToDictionaryAsync(p => p.PeerId, cancellationToken);
        return (rows, await NowAsync(database, cancellationToken));
    }

    /// <summary>One peer's row, and the database's time.</summary>
    public async Task<(PeerPresence? Row, DateTimeOffset Now)> ReadAsync(Guid peerId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return (await database.Presence.AsNoTracking().SingleOrDefaultAsync(p => p.PeerId == peerId, cancellationToken), await NowAsync(database, cancellationToken));
    }

    private Task<Outcome<IReadOnlyList<Guid>>> WriteOnceAsync(IReadOnlyList<PresenceNote> notes, CancellationToken cancellationToken) =>
        writer.WriteAsync<IReadOnlyList<Guid>>(
            async (database, token) =>
            {
                var (sql, parameters) = Statement(notes, database.ClockTicks);
                return await database.Database.SqlQueryRaw<Guid>(sql, parameters).ToListAsync(token);
            },
            cancellationToken);

    private static async Task<DateTimeOffset> NowAsync(ElysiumDatabase database, CancellationToken cancellationToken)
    {
        var sql = $"SELECT {database.ClockTicks} AS \"Value\"";
        var ticks = await database.Database.SqlQueryRaw<long>(sql).ToListAsync(cancellationToken);
        return new DateTimeOffset(ticks[0], TimeSpan.Zero);
    }

    private static (string Sql, object[] Parameters) Statement(IReadOnlyList<PresenceNote> notes, string now)
    {
        var values = new StringBuilder();
        var parameters = new List<object>();
        foreach (var note in notes.Concat(Enumerable.Repeat(Nothing, Sizes.FirstOrDefault(s => s >= notes.Count, notes.Count) - notes.Count)))
        {
            var n = parameters.Count;
            values.Append(CultureInfo.InvariantCulture, $"{(n == 0 ? "" : ", ")}({{{n}}}, {{{n + 1}}}, {{{n + 2}}})");
            parameters.AddRange([note.PeerId, note.StreamId, note.Connected]);
        }

        var stale = string.Create(CultureInfo.InvariantCulture, $"{now} - {PeerPresence.FreshFor.Ticks}");
        var takes = $"(excluded.connected AND (excluded.stream_id >= p.stream_id OR NOT p.connected OR p.seen_at < {stale}))";
        var ends = "(NOT excluded.connected AND excluded.stream_id = p.stream_id)";
        var heard = $"(excluded.connected OR {ends} OR NOT p.connected)";
        return ($"""
            WITH heard (peer_id, stream_id, connected) AS (VALUES {values})
            INSERT INTO peer_presence AS p (peer_id, stream_id, connected, seen_at)
            SELECT heard.peer_id, heard.stream_id, heard.connected, {now} FROM heard WHERE EXISTS (SELECT 1 FROM peers WHERE peers.id = heard.peer_id)
            ON CONFLICT (peer_id) DO UPDATE SET
                stream_id = CASE WHEN {takes} THEN excluded.stream_id ELSE p.stream_id END,
                connected = CASE WHEN {takes} THEN excluded.connected WHEN {ends} THEN excluded.connected ELSE p.connected END,
                seen_at = CASE WHEN {heard} THEN excluded.seen_at ELSE p.seen_at END
            RETURNING peer_id AS "Value"
            """, [.. parameters]);
    }
}
