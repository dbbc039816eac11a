using System.Net.Http.Json;
using Elysium.Contracts;
using Elysium.Lab;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Tests.Postgres;

/// <summary>A commit whose answer is lost: the backend finds out what became of it, and tells the truth.</summary>
[Trait(TestEngine.Trait, TestEngine.Postgres)]
public sealed class UnansweredCommitTests
{
    [Fact]
    public async Task A_commit_that_was_done_is_told_as_done_and_is_done_once()
    {
        var database = await TestEngine.CreateMigratedAsync();
        await using var proxy = new CuttingProxy(database);
        await using var backend = await TestBackend.StartAsync(o => o with { Database = database with { Port = proxy.Port } });
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync(uses: 5);

        proxy.CutBehind();
        var alice = await backend.JoinAsync("alice", code);

        proxy.Cuts.ShouldBe(1);
        (await backend.QueryAsync(d => d.Peers.Select(p => p.Id).ToListAsync())).ShouldBe([alice.Id]);
        (await backend.QueryAsync(d => d.EnrollmentTokens.Select(t => t.Used).SingleAsync())).ShouldBe(1);
        (await backend.QueryAsync(d => d.AuditEvents.CountAsync(e => e.Action == "peer.joined"))).ShouldBe(1);
        await backend.JoinAsync("bob", code);
    }

    [Fact]
    public async Task A_commit_that_did_not_reach_the_server_is_told_as_not_done()
    {
        var database = await TestEngine.CreateMigratedAsync();
        await using var proxy = new CuttingProxy(database);
        await using var backend = await TestBackend.StartAsync(o => o with { Database = database with { Port = proxy.Port } });
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync();
        var machine = new TestMachine("alice");

        proxy.CutBefore();
        using var refused = await machine.EnrollAsync(backend, code);

        proxy.Cuts.ShouldBe(1);
        var problem = await refused.ShouldBeProblemAsync(503, ProblemCodes.Unavailable);
        problem.Detail.ShouldBe("The database cannot be written right now. Nothing was changed.");
        refused.Headers.RetryAfter.ShouldNotBeNull();
        (await backend.QueryAsync(d => d.Peers.CountAsync())).ShouldBe(0);
        (await backend.QueryAsync(d => d.EnrollmentTokens.Select(t => t.Used).SingleAsync())).ShouldBe(0);
        (await machine.EnrollAsync(backend, code)).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task A_commit_that_is_still_on_its_way_is_waited_for()
    {
        var server = await TestEngine.ServerAsync();
        var database = await TestEngine.CreateMigratedAsync();
        await using var proxy = new CuttingProxy(database);
        await using var backend = await TestBackend.StartAsync(o => o with { Database = database with { Port = proxy.Port } });
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync();

        // A plain look would see nothing now, and say that nothing was changed.
        proxy.CutAndDeliver(() => Eventually.HoldsAsync("the look-up waits for the transaction", TimeSpan.FromSeconds(8), async () =>
            await server.ExecuteAsync($"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database.Name}' AND wait_event_type = 'Lock' AND query LIKE 'INSERT%'") == "1"));
        var alice = await backend.JoinAsync("alice", code);

        proxy.Cuts.ShouldBe(1);
        (await backend.QueryAsync(d => d.Peers.Select(p => p.Id).ToListAsync())).ShouldBe([alice.Id]);
        (await backend.QueryAsync(d => d.EnrollmentTokens.Select(t => t.Used).SingleAsync())).ShouldBe(1);
    }

    [Fact]
    public async Task A_network_whose_making_was_not_answered_is_there_once()
    {
        var database = await TestEngine.CreateMigratedAsync();
        await using var proxy = new CuttingProxy(database);
        await using var backend = await TestBackend.StartAsync(o => o with { Database = database with { Port = proxy.Port } });

        proxy.CutBehind();
        var made = await backend.CreateNetworkAsync("office");

        proxy.Cuts.ShouldBe(1);
        (await backend.Admin.GetFromJsonAsync("/v1/networks", ElysiumJson.Default.ListingNetworkResponse))!.Items.ShouldHaveSingleItem().Prefix.ShouldBe(made.Prefix);
    }
}
