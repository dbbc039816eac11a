using Elysium.Backend.Hosting;
using Elysium.Contracts;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Database;

/// <summary>
/// Every write goes through here: one transaction, committed when the work succeeds and rolled back when it refuses or throws.
/// One writer at a time: SQLite lets one in sixteen wait for seconds when they queue inside it.
/// </summary>
internal sealed class DatabaseWriter(IDbContextFactory<ElysiumDatabase> databases) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>
    /// Runs the work in a transaction. Locks are taken in one order, token then network, and the network's as late as possible.
    /// </summary>
    public async Task<Outcome<T>> WriteAsync<T>(
        Func<ElysiumDatabase, CancellationToken, Task<Outcome<T>>> work,
        CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
            var outcome = await work(database, cancellationToken);
            if (outcome.Refusal is null)
            {
                await database.SaveChangesAsync(cancellationToken);

                // From here on the caller's patience does not matter: a commit is not to be torn.
                await transaction.CommitAsync(CancellationToken.None);
            }

            return outcome;
        }
        catch (Exception e) when (ConstraintViolation.Explain(e) is { } refusal)
        {
            return refusal;
        }
        catch (Exception e) when ((e as SqliteException ?? e.InnerException as SqliteException) is { SqliteErrorCode: 13 or 10 or 8 or 5 })
        {
            // SQLITE_FULL, _IOERR, _READONLY, _BUSY: nothing was written; it is the machine, not the request.
            return new Refusal(ProblemCodes.Unavailable, "The database cannot be written right now (disk full or read-only?). Nothing was changed.");
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();
}
