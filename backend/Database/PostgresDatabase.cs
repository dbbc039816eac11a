using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Elysium.Backend.Database;

/// <summary>What runs an installation: PostgreSQL 15 or later, shared by every backend of it.</summary>
internal sealed class PostgresDatabase(DbContextOptions<PostgresDatabase> options) : ElysiumDatabase(options)
{
    public override string ClockTicks => "(621355968000000000 + CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 10000000 AS bigint))";

    public static void Configure(DbContextOptionsBuilder options, string connectionString) =>
        options
            .UseNpgsql(connectionString, postgres => postgres.SetPostgresVersion(15, 0))
            .UseSnakeCaseNamingConvention();

    /// <summary>For `dotnet ef migrations add`, which has no server to ask.</summary>
    internal sealed class DesignTime : IDesignTimeDbContextFactory<PostgresDatabase>
    {
        public PostgresDatabase CreateDbContext(string[] args)
        {
            var options = new DbContextOptionsBuilder<PostgresDatabase>();
            Configure(options, "Host=localhost");
            return new PostgresDatabase(options.Options);
        }
    }
}
