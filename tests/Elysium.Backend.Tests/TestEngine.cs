using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Elysium.Backend.Tests;
using Elysium.Lab.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

[assembly: AssemblyFixture(typeof(TestEngine.Lifetime))]

namespace Elysium.Backend.Tests;

/// <summary>
/// Which engine this run of the tests is on, and its databases: a folder has its own on SQLite; on PostgreSQL one server has one for each backend,
/// copied from one that was migrated once.
/// </summary>
internal static class TestEngine
{
    public const string Variable = "ELYSIUM_TEST_DATABASE";

    /// <summary>Of tests that are about one engine: scripts/test.sh leaves them out of the other's run.</summary>
    public const string Trait = "engine";
    public const string Postgres = "postgres";
    public const string Sqlite = "sqlite";

    private const string Template = "migrated";
    private static readonly Lazy<Task<PostgresServer>> Shared = new(() => PostgresServer.CreateAsync(new PostgresOptions
    {
        // What these tests ask is not whether a disk keeps what it was given.
        Durable = false,
        Settings = new Dictionary<string, string> { ["max_connections"] = "300" },
    }));

    private static readonly Lazy<Task> Migrated = new(MigrateAsync);
    private static int Count;

    public static bool IsPostgres => Environment.GetEnvironmentVariable(Variable) switch
    {
        null or "" or Sqlite => false,
        Postgres => true,
        var other => throw new InvalidOperationException($"{Variable}='{other}' is neither {Sqlite} nor {Postgres}."),
    };

    /// <summary>One server for the whole run; not to be stopped.</summary>
    public static Task<PostgresServer> ServerAsync() => Shared.Value;

    /// <summary>A database that has the schema.</summary>
    public static async Task<DatabaseOptions> CreateMigratedAsync()
    {
        await Migrated.Value;
        return await CreateAsync(Template);
    }

    /// <summary>An empty database.</summary>
    public static Task<DatabaseOptions> CreateEmptyAsync() => CreateAsync(null);

    public static async Task DropAsync(DatabaseOptions database) => await (await ServerAsync()).DropDatabaseAsync(database.Name);

    /// <summary>How a backend comes to a database of a server.</summary>
    public static DatabaseOptions Options(PostgresServer server, string database) => new()
    {
        Host = server.Address.ToString(),
        Port = server.Port,
        Name = database,
        User = PostgresServer.Administrator,
        Password = server.Password,
        SslMode = SslMode.Disable,
        MaxConnections = 20,
    };

    public static PostgresEngine Engine(DatabaseOptions database) => new(database, NullLogger.Instance, null, TimeProvider.System);

    private static async Task<DatabaseOptions> CreateAsync(string? template)
    {
        var server = await ServerAsync();
        return Options(server, await server.CreateDatabaseAsync($"test{Interlocked.Increment(ref Count)}", template: template));
    }

    private static async Task MigrateAsync()
    {
        var server = await ServerAsync();
        await using var engine = Engine(Options(server, await server.CreateDatabaseAsync(Template)));
        (await engine.PrepareAsync((_, _) => Task.FromResult<Refusal?>(null), CancellationToken.None)).ShouldBeNull();
    }

    /// <summary>Removes the server when the run is over, if there was one.</summary>
    internal sealed class Lifetime : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            if (Shared.IsValueCreated)
            {
                await (await Shared.Value).DisposeAsync();
            }
        }
    }
}
