using Elysium.Backend.Audit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Elysium.Backend.Database;

/// <summary>
/// A row that a transaction added under an id that we chose: where it is, the transaction was committed. It is looked for by adding it once more,
/// because that waits for a transaction that is still under way, where a look would not see it.
/// </summary>
internal sealed class Witness
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private object? _row;

    /// <summary>Whether a commit was not answered.</summary>
    public bool IsNeeded { get; set; }

    /// <summary>What kept it from being told, if it could not be.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Remembers what is saved. An audit event is best: nothing refers to it, and nobody deletes it.</summary>
    public void Watch(DbContext database)
    {
        object? candidate = null;
        _row = null; // What an attempt before this one added was rolled back.
        database.SavingChanges += (_, _) =>
        {
            var added = database.ChangeTracker.Entries().Where(e => e.State == EntityState.Added).Select(e => e.Entity).ToList();
            candidate = added.Find(static e => e is AuditEvent) ?? added.FirstOrDefault();
        };
        database.SavedChanges += (_, _) => _row = _row is AuditEvent ? _row : candidate ?? _row;
    }

    /// <summary>Null: it cannot be told.</summary>
    public async Task<bool?> WasCommittedAsync(DatabaseEngine databases, TimeProvider time, TimeSpan limit)
    {
        if (_row is null)
        {
            return null;
        }

        var start = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await AddAgainAsync(databases, _row);
            }
            catch (Exception e)
            {
                // Whatever it is: nothing that goes wrong here may sound as if nothing had been done.
                Trouble = e.GetBaseException().Message;
                if (time.GetElapsedTime(start) >= limit)
                {
                    return null;
                }
            }

            await Task.Delay(Pause, time, CancellationToken.None);
        }
    }

    private async Task<bool?> AddAgainAsync(DatabaseEngine databases, object row)
    {
        await using var database = databases.CreateDbContext();
        await using var transaction = await database.Database.BeginTransactionAsync();
        var entry = database.Add(row);
        try
        {
            await database.SaveChangesAsync();
        }
        catch (DbUpdateException e) when (ConstraintViolation.Of(e) is { } violated)
        {
            // Any other constraint tells of something else that happened since.
            Trouble = e.GetBaseException().Message;
            return violated.Name == entry.Metadata.FindPrimaryKey()!.GetName() || violated.Columns == Columns(entry.Metadata) ? true : null;
        }

        await transaction.RollbackAsync();
        return false;
    }

    /// <summary>The key, in the words of SQLite.</summary>
    private static string Columns(IEntityType type) =>
        string.Join(", ", type.FindPrimaryKey()!.Properties.Select(p => $"{type.GetTableName()}.{p.GetColumnName()}"));
}
