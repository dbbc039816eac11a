using Elysium.Backend.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Elysium.Backend.Database;

/// <summary>One file, of one process: whoever prepares it holds the data folder.</summary>
internal sealed class SqliteEngine : DatabaseEngine
{
    private readonly string _path;
    private readonly PooledDbContextFactory<SqliteDatabase> _contexts;

    public SqliteEngine(string path, ILoggerFactory? loggers)
    {
        _path = path;
        var options = new DbContextOptionsBuilder<SqliteDatabase>();
        SqliteDatabase.Configure(options, path);
        options.UseLoggerFactory(loggers);
        _contexts = new PooledDbContextFactory<SqliteDatabase>(options.Options);
    }

    public override string Name => _path;

    /// <summary>SQLite lets one in sixteen wait for seconds when they queue inside it.</summary>
    public override bool OneWriter => true;

    public override ElysiumDatabase CreateDbContext() => _contexts.CreateDbContext();

    public override async Task<Refusal?> PrepareAsync(Func<ElysiumDatabase, CancellationToken, Task<Refusal?>> first, CancellationToken cancellationToken)
    {
        try
        {
            await using var database = CreateDbContext();
            await database.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", cancellationToken);

            // EF Core takes its migration lock as a row, which stays when a migration is killed; the next start would wait for ever.
            await database.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellationToken);
            if (await Schema.NewerAsync(database, cancellationToken) is { } newer)
            {
                return Refused($"The database {_path} was made by a newer version of elysium-backend (it has '{newer}'). Run that version, or restore a backup.");
            }

            await database.Database.MigrateAsync(cancellationToken);
            return await first(database, cancellationToken);
        }
        catch (Exception e) when (e is SqliteException or DbUpdateException { InnerException: SqliteException })
        {
            return Refused($"The database {_path} cannot be used: {e.GetBaseException().Message}.");
        }
    }

    public override ValueTask DisposeAsync()
    {
        using var any = new SqliteConnection(SqliteDatabase.ConnectionString(_path));
        SqliteConnection.ClearPool(any);
        return ValueTask.CompletedTask;
    }
}
