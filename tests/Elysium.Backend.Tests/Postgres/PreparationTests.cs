using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Elysium.Lab;
using Elysium.Lab.Postgres;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Elysium.Backend.Tests.Postgres;

/// <summary>What a start does to a database, and what it says when it cannot.</summary>
[Trait(TestEngine.Trait, TestEngine.Postgres)]
public sealed class PreparationTests
{
    [Fact]
    public async Task Many_that_start_at_once_prepare_one_after_another_and_the_schema_once()
    {
        var database = await TestEngine.CreateEmptyAsync();
        var inside = 0;
        var most = 0;

        var refusals = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(() => PrepareAsync(database, async (context, token) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref inside));
            await context.Networks.AnyAsync(token);
            Interlocked.Decrement(ref inside);
            return null;
        }))));

        refusals.ShouldAllBe(r => r == null);
        most.ShouldBe(1);
    }

    [Fact]
    public async Task A_migration_that_was_killed_half_way_is_done_by_the_next_start()
    {
        var server = await TestEngine.ServerAsync();
        var database = await TestEngine.CreateEmptyAsync();

        // Holds the migration up in its middle: the table that it makes last is refused to it until then.
        await server.ExecuteAsync(
            """
            CREATE FUNCTION hold() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(30); END $$;
            CREATE EVENT TRIGGER hold ON ddl_command_start WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION hold();
            """,
            database.Name);
        var killed = PrepareAsync(database);
        await Eventually.HoldsAsync("the migration is in its middle", TimeSpan.FromSeconds(20), async () =>
            await server.ExecuteAsync($"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database.Name}' AND query LIKE '%CREATE %INDEX%' AND wait_event = 'PgSleep'") == "1");
        await server.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database.Name}'");
        (await killed).ShouldNotBeNull();
        await server.ExecuteAsync("DROP EVENT TRIGGER hold", database.Name);

        (await PrepareAsync(database)).ShouldBeNull();

        (await server.ExecuteAsync("SELECT count(*) FROM networks", database.Name)).ShouldBe("0");
    }

    [Fact]
    public async Task The_everyday_role_cannot_change_what_the_audit_says_nor_any_table()
    {
        var (server, database) = await WithRolesAsync();
        (await PrepareAsync(database)).ShouldBeNull();
        await using var connection = await OpenAsync(database);

        await RunAsync(connection, "INSERT INTO audit_events (id, at, actor, action, detail) VALUES (gen_random_uuid(), 1, 'a', 'b', 'c')");
        foreach (var denied in (string[])
                 [
                     "UPDATE audit_events SET actor = 'x'", "DELETE FROM audit_events", "TRUNCATE audit_events", "DROP TABLE audit_events", "CREATE TABLE mine (n int)",
                     "ALTER TABLE networks ADD COLUMN x int", "TRUNCATE networks", "DELETE FROM \"__EFMigrationsHistory\"",
                 ])
        {
            (await Should.ThrowAsync<PostgresException>(() => RunAsync(connection, denied))).SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege, denied);
        }

        // Later starts need no owner.
        (await PrepareAsync(database with { OwnerUser = null, OwnerPassword = null })).ShouldBeNull();
        (await server.ExecuteAsync("SELECT count(*) FROM audit_events", database.Name)).ShouldBe("1");
    }

    [Fact]
    public async Task A_whole_backend_runs_as_the_everyday_role()
    {
        var (_, database) = await WithRolesAsync();
        await using var backend = await TestBackend.StartAsync(o => o with { Database = database });

        await backend.CreateNetworkAsync();
        await backend.JoinAsync("alice");
        using var deleted = await backend.Admin.DeleteAsync("/v1/networks/home");

        deleted.IsSuccessStatusCode.ShouldBeTrue();
    }

    [Theory]
    [InlineData("GRANT owner TO app", "REVOKE owner FROM app")]
    [InlineData("ALTER TABLE audit_events OWNER TO app; GRANT app TO owner", "REVOKE app FROM owner")]
    [InlineData("GRANT other TO app; GRANT TRUNCATE ON audit_events TO other", "REVOKE other FROM app")]
    public async Task An_everyday_role_that_could_change_the_audit_after_all_is_refused(string given, string taken)
    {
        var (server, database) = await WithRolesAsync("1");
        (await PrepareAsync(database)).ShouldBeNull();
        await server.ExecuteAsync(In(given), database.Name);

        var refusal = await PrepareAsync(database);
        var alone = await PrepareAsync(database with { OwnerUser = null, OwnerPassword = null });
        await server.ExecuteAsync(In(taken), database.Name);

        refusal!.Detail.ShouldContain($"The role '{database.User}' can change or remove what the audit");
        refusal.Detail.ShouldContain($"REASSIGN OWNED BY \"{database.User}\" TO \"{database.OwnerUser}\"");
        alone.ShouldBeNull();
        await server.ExecuteAsync(In("REASSIGN OWNED BY app TO owner"), database.Name);
        (await PrepareAsync(database)).ShouldBeNull();

        // Roles are the whole server's: other tests are not to meet these.
        static string In(string sql) => sql.Replace("app", "app1").Replace("owner", "owner1").Replace("OWNER1", "OWNER");
    }

    [Fact]
    public async Task What_everybody_may_do_to_the_audit_is_taken_back()
    {
        var (server, database) = await WithRolesAsync();
        (await PrepareAsync(database)).ShouldBeNull();
        await server.ExecuteAsync("GRANT ALL ON audit_events TO PUBLIC", database.Name);

        (await PrepareAsync(database)).ShouldBeNull();

        await using var connection = await OpenAsync(database);
        (await Should.ThrowAsync<PostgresException>(() => RunAsync(connection, "DELETE FROM audit_events"))).SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
    }

    [Fact]
    public async Task A_server_is_reached_by_its_socket()
    {
        var database = (await TestEngine.CreateEmptyAsync()) with { Host = Path.Combine((await TestEngine.ServerAsync()).Folder, "socket") };

        (await PrepareAsync(database)).ShouldBeNull();
    }

    [Fact]
    public async Task A_role_that_may_not_change_the_schema_is_told_who_may()
    {
        var (_, database) = await WithRolesAsync();

        var refusal = await PrepareAsync(database with { OwnerUser = null, OwnerPassword = null });

        refusal!.Detail.ShouldContain("'app' may not change its schema");
        refusal.Detail.ShouldContain("Set DB_OWNER_USER and DB_OWNER_PASSWORD");
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_left_alone()
    {
        var database = await TestEngine.CreateMigratedAsync();
        await (await TestEngine.ServerAsync()).ExecuteAsync("INSERT INTO \"__EFMigrationsHistory\" VALUES ('29991231000000_Future', '99.0')", database.Name);

        (await PrepareAsync(database))!.Detail.ShouldContain("made by a newer version of elysium-backend (it has '29991231000000_Future')");
    }

    [Fact]
    public async Task Whoever_is_not_let_in_is_told_why_at_once()
    {
        var database = await TestEngine.CreateEmptyAsync();
        var start = TimeProvider.System.GetTimestamp();

        (await PrepareAsync(database with { Password = "wrong" }))!.Detail.ShouldEndWith("refuses 'postgres': wrong password, or no such role. Check DB_PASSWORD.");
        (await PrepareAsync(database with { Name = "nothing" }))!.Detail.ShouldContain("has no database 'nothing': make it (createdb");
        (await PrepareAsync(database with { OwnerUser = "nobody", OwnerPassword = "x" }))!.Detail.ShouldContain("Check DB_OWNER_PASSWORD.");
        (await PrepareAsync(database with { User = "missing", OwnerUser = "postgres", OwnerPassword = database.Password }))!.Detail.ShouldContain("role \"missing\" does not exist");
        TimeProvider.System.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_server_that_is_away_is_waited_for()
    {
        await using var server = await PostgresServer.CreateAsync(new PostgresOptions { Durable = false });
        var database = TestEngine.Options(server, await server.CreateDatabaseAsync("later"));
        await server.StopAsync();

        var preparing = PrepareAsync(database);
        await server.StartAsync();

        (await preparing).ShouldBeNull();
    }

    private static async Task<(PostgresServer Server, DatabaseOptions Database)> WithRolesAsync(string suffix = "")
    {
        var shared = await TestEngine.ServerAsync();
        await shared.ExecuteAsync(
            $"""
            DO $$ BEGIN
              IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app{suffix}') THEN
                CREATE ROLE owner{suffix} LOGIN PASSWORD 'of owner'; CREATE ROLE app{suffix} LOGIN PASSWORD 'of app'; CREATE ROLE other{suffix};
              END IF;
            END $$
            """);
        var name = await shared.CreateDatabaseAsync($"roles{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}", $"owner{suffix}");
        return (shared, TestEngine.Options(shared, name) with { User = $"app{suffix}", Password = "of app", OwnerUser = $"owner{suffix}", OwnerPassword = "of owner" });
    }

    private static async Task<Refusal?> PrepareAsync(DatabaseOptions database, Func<ElysiumDatabase, CancellationToken, Task<Refusal?>>? first = null)
    {
        await using var engine = TestEngine.Engine(database);
        return await engine.PrepareAsync(first ?? (static async (context, token) => await context.Networks.AnyAsync(token) ? null : null), CancellationToken.None);
    }

    private static async Task<NpgsqlConnection> OpenAsync(DatabaseOptions database)
    {
        var connection = new NpgsqlConnection(PostgresConnections.Alone(database, database.User, database.Password));
        await connection.OpenAsync();
        return connection;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
