using Elysium.Backend.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Database;

/// <summary>
/// The database that an installation has: where contexts come from, and how it is made ready. What differs between the engines is here, in
/// <see cref="DatabaseFaults"/>, and in the overrides of the two contexts; queries know nothing of it.
/// </summary>
internal abstract class DatabaseEngine : IDbContextFactory<ElysiumDatabase>, IAsyncDisposable
{
    /// <summary>For messages.</summary>
    public abstract string Name { get; }

    /// <summary>Whether one writer at a time is all that the engine takes.</summary>
    public abstract bool OneWriter { get; }

    /// <summary>The engine that the settings choose. Nothing is opened yet.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="loggers">Where it is told what is waited for.</param>
    /// <param name="time">The clock.</param>
    public static DatabaseEngine Open(BackendOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        // EF Core says what it also throws; it is worth its price only when somebody looks for it.
        var chatter = options.LogLevel < LogLevel.Information ? loggers : null;
        return options.Database is { } postgres
            ? new PostgresEngine(postgres, loggers.CreateLogger<PostgresPreparation>(), chatter, time)
            : new SqliteEngine(DataDirectory.DatabaseIn(options.DataDirectory), chatter);
    }

    public abstract ElysiumDatabase CreateDbContext();

    public Task<ElysiumDatabase> CreateDbContextAsync(CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? Task.FromCanceled<ElysiumDatabase>(cancellationToken) : Task.FromResult(CreateDbContext());

    /// <summary>
    /// Brings the schema to this version's, and then does what must be done before the first request. All of it under a lock that every backend of
    /// the installation takes, so that two can start at once.
    /// </summary>
    /// <returns>Null: it is ready.</returns>
    public abstract Task<Refusal?> PrepareAsync(Func<ElysiumDatabase, CancellationToken, Task<Refusal?>> first, CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();

    protected static Refusal Refused(string detail) => new("database", detail);
}
