using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage;

namespace Elysium.Backend.Database;

/// <summary>The embedded default: one file in the data folder, in WAL mode, every commit on disk before it is answered.</summary>
internal sealed class SqliteDatabase(DbContextOptions<SqliteDatabase> options) : ElysiumDatabase(options)
{
    /// <summary>To the millisecond; more is in no clock of SQLite.</summary>
    public override string ClockTicks => "(621355968000000000 + CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER) * 10000)";

    public static void Configure(DbContextOptionsBuilder options, string path) =>
        options.UseSqlite(ConnectionString(path)).UseSnakeCaseNamingConvention();

    public static string ConnectionString(string path) =>
        new SqliteConnectionStringBuilder { DataSource = path, ForeignKeys = true, DefaultTimeout = 5 }.ToString();

    /// <summary>BINARY is its default.</summary>
    public override string ByteOrder => "";

    /// <summary>Deferred, or it would be a writer's; in WAL mode a reader sees what was there when it began.</summary>
    public override async Task<IDbContextTransaction> BeginSnapshotAsync(CancellationToken cancellationToken)
    {
        await Database.OpenConnectionAsync(cancellationToken);
        var connection = (SqliteConnection)Database.GetDbConnection();
        return (await Database.UseTransactionAsync(connection.BeginTransaction(deferred: true), cancellationToken))!;
    }

    public override Task LiftLimitsAsync(CancellationToken cancellationToken) => Task.CompletedTask;

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
