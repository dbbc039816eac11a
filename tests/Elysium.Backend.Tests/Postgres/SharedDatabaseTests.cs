using System.Net;
using Elysium.Backend.Database;
using Elysium.Contracts;
using Elysium.Lab;
using Elysium.Lab.Postgres;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Elysium.Backend.Tests.Postgres;

/// <summary>Two backends on one database, and a database that has no place left for them.</summary>
[Trait(TestEngine.Trait, TestEngine.Postgres)]
public sealed class SharedDatabaseTests
{
    [Fact]
    public async Task Networks_made_by_two_backends_at_once_have_prefixes_ports_and_interfaces_of_their_own()
    {
        await using var one = await TestBackend.StartAsync(With(await TestEngine.CreateMigratedAsync()));
        await using var two = await TestBackend.StartAsync(beside: one);

        await Task.WhenAll(Enumerable.Range(0, 12).Select(n => (n % 2 == 0 ? one : two).CreateNetworkAsync($"net-{n}", prefix: null)));

        var networks = await one.QueryAsync(d => d.Networks.ToListAsync());
        networks.Count.ShouldBe(12);
        networks.Select(n => n.Prefix.ToString()).Distinct().Count().ShouldBe(12);
        networks.Select(n => n.InterfaceIndex).Order().ShouldBe(Enumerable.Range(networks.Min(n => n.InterfaceIndex), 12));
    }

    [Fact]
    public async Task Deleting_a_network_while_machines_join_it_on_another_backend_ends_for_everybody()
    {
        await using var one = await TestBackend.StartAsync(With(await TestEngine.CreateMigratedAsync()));
        await using var two = await TestBackend.StartAsync(beside: one);
        for (var round = 0; round < 3; round++)
        {
            await one.CreateNetworkAsync();
            var codes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => one.CreateCodeAsync(uses: 10)));

            var joining = Enumerable.Range(0, 16).Select(n => new TestMachine($"machine-{n}").EnrollAsync(n % 2 == 0 ? one : two, codes[n % 4])).ToList();
            using var deleted = await two.Admin.DeleteAsync("/v1/networks/home");
            var answers = await Task.WhenAll(joining);

            deleted.StatusCode.ShouldBe(HttpStatusCode.NoContent);
            answers.ShouldAllBe(a => a.StatusCode != HttpStatusCode.InternalServerError);
            (await one.QueryAsync(d => d.Peers.CountAsync())).ShouldBe(0);
            (await one.QueryAsync(d => d.EnrollmentTokens.CountAsync())).ShouldBe(0);
            (await one.QueryAsync(d => d.Certificates.CountAsync(c => c.RevokedAt == null))).ShouldBe(0);
        }
    }

    [Fact]
    public async Task A_peer_that_two_operators_revoke_at_once_is_revoked_once_and_gone_for_the_other()
    {
        await using var one = await TestBackend.StartAsync(With(await TestEngine.CreateMigratedAsync()));
        await using var two = await TestBackend.StartAsync(beside: one);
        await one.CreateNetworkAsync();
        await one.JoinAsync("alice");

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => (n % 2 == 0 ? one : two).Admin.DeleteAsync("/v1/networks/home/peers/alice")));

        answers.Count(a => a.IsSuccessStatusCode).ShouldBe(1);
        answers.Count(a => a.StatusCode == HttpStatusCode.NotFound).ShouldBe(5);
        (await one.QueryAsync(d => d.AuditEvents.CountAsync(e => e.Action == "peer.revoked"))).ShouldBe(1);
    }

    [Fact]
    public async Task Without_a_connection_left_answers_are_a_503_and_with_one_again_they_are_as_ever()
    {
        await using var server = await PostgresServer.CreateAsync(new PostgresOptions
        {
            Durable = false,
            Settings = new Dictionary<string, string> { ["max_connections"] = "12", ["superuser_reserved_connections"] = "2", ["autovacuum"] = "off" },
        });
        await server.CreateRoleAsync("app", "secret");
        var database = TestEngine.Options(server, await server.CreateDatabaseAsync("small", "app")) with { User = "app", Password = "secret" };
        await using var backend = await TestBackend.StartAsync(With(database));
        await backend.CreateNetworkAsync();
        var greedy = new List<NpgsqlConnection>();
        try
        {
            // Those that the backend holds are ended, and others take them all.
            await Eventually.HoldsAsync("the backend has no connection", TimeSpan.FromSeconds(30), async () =>
            {
                await server.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'elysium-backend'");
                await TakeAllAsync(database, greedy);
                using var answer = await backend.Admin.GetAsync("/v1/networks");
                if (answer.IsSuccessStatusCode)
                {
                    return false;
                }

                await answer.ShouldBeProblemAsync(503, ProblemCodes.Unavailable);
                answer.Headers.RetryAfter.ShouldNotBeNull();
                return true;
            });
        }
        finally
        {
            foreach (var connection in greedy)
            {
                await connection.DisposeAsync();
            }
        }

        await Eventually.HoldsAsync("the backend serves again", TimeSpan.FromSeconds(20), async () =>
        {
            using var answer = await backend.Admin.GetAsync("/v1/networks");
            return answer.IsSuccessStatusCode;
        });
    }

    private static async Task TakeAllAsync(DatabaseOptions database, List<NpgsqlConnection> taken)
    {
        var settings = new NpgsqlConnectionStringBuilder(PostgresConnections.Alone(database, database.User, database.Password)) { ApplicationName = "greedy" };
        while (true)
        {
            var connection = new NpgsqlConnection(settings.ToString());
            try
            {
                await connection.OpenAsync();
                taken.Add(connection);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.TooManyConnections)
            {
                return;
            }
        }
    }

    private static Func<Elysium.Backend.Hosting.BackendOptions, Elysium.Backend.Hosting.BackendOptions> With(DatabaseOptions database) =>
        options => options with { Database = database };
}
