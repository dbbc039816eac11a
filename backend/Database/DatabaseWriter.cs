using System.Security.Cryptography;
using Elysium.Backend.Hosting;
using Elysium.Contracts;

namespace Elysium.Backend.Database;

/// <summary>
/// Every write goes through here: one transaction, committed when the work succeeds and rolled back when it refuses or throws. What was rolled
/// back because of others is tried again; a commit that was not answered is looked up; nothing else is done twice.
/// </summary>
internal sealed partial class DatabaseWriter(DatabaseEngine databases, TimeProvider time, ILogger<DatabaseWriter> logger) : IDisposable
{
    private const int Attempts = 5;

    /// <summary>Longer than the server lets an abandoned transaction live, which the look-up has to wait for.</summary>
    private static readonly TimeSpan LookUpLimit = TimeSpan.FromSeconds(20);

    private static readonly Refusal Unreachable = new(ProblemCodes.Unavailable, "The database cannot be written right now. Nothing was changed.");
    private static readonly Refusal Refused = new(ProblemCodes.Unavailable, "The database refused to write (disk full, read-only or too busy?); the backend's log says why. Nothing was changed.");
    private static readonly Refusal Contended = new(ProblemCodes.Unavailable, "Others change the same at this moment. Nothing was changed; try again.");
    private static readonly Refusal Unknown = new(ProblemCodes.OutcomeUnknown, "The database did not say whether this was done. Look before you ask again.");

    private readonly SemaphoreSlim? _gate = databases.OneWriter ? new(1, 1) : null;

    /// <summary>
    /// Runs the work in a transaction, perhaps more than once: it changes nothing but the database. Locks are taken in one order: enrollment tokens by
    /// id, then the network, as late as possible, then the rest. After a failed save the transaction is over.
    /// </summary>
    public async Task<Outcome<T>> WriteAsync<T>(
        Func<ElysiumDatabase, CancellationToken, Task<Outcome<T>>> work,
        CancellationToken cancellationToken)
    {
        var witness = new Witness();
        var outcome = await TryAsync(work, witness, cancellationToken);
        if (!witness.IsNeeded)
        {
            return outcome;
        }

        // Not inside the gate: others may write while this one looks.
        switch (await witness.WasCommittedAsync(databases, time, LookUpLimit))
        {
            case true:
                return outcome;
            case false:
                return Unreachable;
            default:
                LogUnknown(witness.Trouble ?? "there is nothing to look for");
                return Unknown;
        }
    }

    public void Dispose() => _gate?.Dispose();

    /// <summary>If the witness is needed, the outcome is that of a transaction which may have been committed or not.</summary>
    private async Task<Outcome<T>> TryAsync<T>(Func<ElysiumDatabase, CancellationToken, Task<Outcome<T>>> work, Witness witness, CancellationToken cancellationToken)
    {
        if (_gate is not null)
        {
            await _gate.WaitAsync(cancellationToken);
        }

        try
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return await AttemptAsync(work, witness, cancellationToken);
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                {
                    // Who asked has hung up, for which the database gives its own reasons.
                    throw;
                }
                catch (Exception e) when (ConstraintViolation.Explain(e) is { } refusal)
                {
                    return refusal;
                }
                catch (Exception e) when (DatabaseFaults.Of(e) is { } fault)
                {
                    if (fault != DatabaseFault.RolledBack)
                    {
                        LogFault(e.GetBaseException().Message);
                        return fault == DatabaseFault.Refused ? Refused : Unreachable;
                    }

                    if (attempt == Attempts)
                    {
                        LogFault(e.GetBaseException().Message);
                        return Contended;
                    }
                }

                // Not all of those that met go on at the same moment.
                await Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(5, 25 * attempt)), time, cancellationToken);
            }
        }
        finally
        {
            _gate?.Release();
        }
    }

    /// <summary>Whatever this throws, nothing was changed.</summary>
    private async Task<Outcome<T>> AttemptAsync<T>(Func<ElysiumDatabase, CancellationToken, Task<Outcome<T>>> work, Witness witness, CancellationToken cancellationToken)
    {
        Outcome<T> outcome = Unknown;
        try
        {
            await using var database = databases.CreateDbContext();

            // A failed save ends the transaction anyway; a savepoint a save would be two round trips.
            database.Database.AutoSavepointsEnabled = false;
            witness.Watch(database);
            await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
            outcome = await work(database, cancellationToken);
            if (outcome.Refusal is not null)
            {
                return outcome;
            }

            await database.SaveChangesAsync(cancellationToken);
            try
            {
                // From here on the caller's patience does not matter: a commit is not to be torn.
                await transaction.CommitAsync(CancellationToken.None);
                return outcome;
            }
            catch (Exception e) when (!IsAnswer(e))
            {
                witness.IsNeeded = true;
                LogUnanswered(e.GetBaseException().Message);
            }
        }
        catch (Exception) when (witness.IsNeeded)
        {
            // What broke the commit broke the tidying up behind it.
        }

        return outcome;
    }

    /// <summary>Whether the database itself says that it did not commit.</summary>
    private static bool IsAnswer(Exception e) =>
        DatabaseFaults.Of(e) is DatabaseFault.RolledBack or DatabaseFault.Refused || ConstraintViolation.Of(e) is not null;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database did not do a write: {Reason}")]
    private partial void LogFault(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database did not answer a commit, which is looked up: {Reason}")]
    private partial void LogUnanswered(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Whether a commit was done could not be found out: {Reason}")]
    private partial void LogUnknown(string reason);
}
