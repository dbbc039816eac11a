using System.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure;

namespace Elysium.Backend.Database;

/// <summary>What runs an installation: PostgreSQL 15 or later, shared by every backend of it.</summary>
internal sealed class PostgresDatabase(DbContextOptions<PostgresDatabase> options) : ElysiumDatabase(options)
{
    public override string ClockTicks => "(621355968000000000 + CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 10000000 AS bigint))";

    /// <summary>"Elysium" and 2; 1 is the preparation's.</summary>
    private const long NetworkCreationKey = 0x456C797369756D02;

    public override Task LockNetworkCreationAsync(CancellationToken cancellationToken) =>
        Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({NetworkCreationKey})", cancellationToken);

    public override async Task LockForDeletionAsync(Guid network, CancellationToken cancellationToken)
    {
        await Database.ExecuteSqlAsync($"SELECT id FROM enrollment_tokens WHERE network_id = {network} ORDER BY id FOR UPDATE", cancellationToken);
        await Database.ExecuteSqlAsync($"SELECT id FROM networks WHERE id = {network} FOR UPDATE", cancellationToken);
    }

    public static void Configure(DbContextOptionsBuilder options, NpgsqlDataSource connections) =>
        options.UseNpgsql(connections, For15).UseSnakeCaseNamingConvention();

    /// <summary>Over a connection that stays the caller's.</summary>
    public static void Configure(DbContextOptionsBuilder options, NpgsqlConnection connection) =>
        options.UseNpgsql(connection, For15).UseSnakeCaseNamingConvention();

    public override string ByteOrder => " COLLATE \"C\"";

    public override Task<IDbContextTransaction> BeginSnapshotAsync(CancellationToken cancellationToken) =>
        Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);

    public override Task LiftLimitsAsync(CancellationToken cancellationToken) =>
        Database.ExecuteSqlRawAsync("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0", cancellationToken);

    private static void For15(NpgsqlDbContextOptionsBuilder postgres) => postgres.SetPostgresVersion(15, 0);

    /// <summary>For `dotnet ef migrations add`, which has no server to ask.</summary>
    internal sealed class DesignTime : IDesignTimeDbContextFactory<PostgresDatabase>
    {
        public PostgresDatabase CreateDbContext(string[] args)
        {
            var options = new DbContextOptionsBuilder<PostgresDatabase>();
            Configure(options, new NpgsqlConnection("Host=localhost"));
            return new PostgresDatabase(options.Options);
        }
    }
}
