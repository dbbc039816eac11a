using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Elysium.Backend.Database;

/// <summary>The embedded default: one file in the data folder, in WAL mode, every commit on disk before it is answered.</summary>
internal sealed class SqliteDatabase(DbContextOptions<SqliteDatabase> options) : ElysiumDatabase(options)
{
    /// <summary>To the millisecond; more is in no clock of SQLite.</summary>
    public override string ClockTicks => "(621355968000000000 + CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER) * 10000)";

    public static void Configure(DbContextOptionsBuilder options, string path) =>
        options
            .UseSqlite(new SqliteConnectionStringBuilder { DataSource = path, ForeignKeys = true, DefaultTimeout = 30 }.ToString())
            .UseSnakeCaseNamingConvention();

    /// <summary>Brings the file to this version's schema. The caller holds the data folder, so no other process can be at it.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", cancellationToken);

        // EF Core takes its migration lock as a row, which stays when a migration is killed; the next start would wait for ever.
        await Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellationToken);
        await Database.MigrateAsync(cancellationToken);
    }

    /// <summary>Hands the pooled contexts out as what everybody asks for.</summary>
    internal sealed class Factory(IDbContextFactory<SqliteDatabase> pool) : IDbContextFactory<ElysiumDatabase>
    {
        public ElysiumDatabase CreateDbContext() => pool.CreateDbContext();

        public async Task<ElysiumDatabase> CreateDbContextAsync(CancellationToken cancellationToken = default) => await pool.CreateDbContextAsync(cancellationToken);
    }

    /// <summary>For `dotnet ef migrations add`, which has no backend to ask.</summary>
    internal sealed class DesignTime : IDesignTimeDbContextFactory<SqliteDatabase>
    {
        public SqliteDatabase CreateDbContext(string[] args)
        {
            var options = new DbContextOptionsBuilder<SqliteDatabase>();
            Configure(options, ":memory:");
            return new SqliteDatabase(options.Options);
        }
    }
}
