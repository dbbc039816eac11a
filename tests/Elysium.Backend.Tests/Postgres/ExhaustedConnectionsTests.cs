using Elysium.Backend.Database;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Elysium.Backend.Tests.Postgres;

/// <summary>When no connection is left, who a peer is cannot be judged: that is no refusal of the peer, and no bug.</summary>
[Trait(TestEngine.Trait, TestEngine.Postgres)]
public sealed class ExhaustedConnectionsTests
{
    [Fact]
    public async Task A_peer_is_told_to_come_back_and_is_let_in_when_it_does()
    {
        var database = await TestEngine.CreateMigratedAsync();
        await using var backend = await TestBackend.StartAsync(o => o with { Database = database with { MaxConnections = 4 } });
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");

        var engine = backend.Services.GetRequiredService<IDbContextFactory<ElysiumDatabase>>();
        var taken = new List<ElysiumDatabase>();
        try
        {
            for (var n = 0; n < 4; n++)
            {
                taken.Add(await engine.CreateDbContextAsync());
                await taken[^1].Database.OpenConnectionAsync();
            }

            using var client = backend.Client(alice.Certificate);
            using var refused = await client.GetAsync("/v1/self/map");

            await refused.ShouldBeProblemAsync(503, ProblemCodes.Unavailable);
            refused.Headers.RetryAfter.ShouldNotBeNull();
        }
        finally
        {
            foreach (var context in taken)
            {
                await context.DisposeAsync();
            }
        }

        using var again = backend.Client(alice.Certificate);
        (await again.GetAsync("/v1/self/map")).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task Three_hundred_that_ask_at_once_get_by_with_four_connections()
    {
        var database = await TestEngine.CreateMigratedAsync();
        await using var backend = await TestBackend.StartAsync(o => o with { Database = database with { MaxConnections = 4 } });
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        using var client = backend.Client(alice.Certificate);

        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => client.GetAsync("/v1/self/map")));

        answers.ShouldAllBe(a => a.IsSuccessStatusCode);
    }
}
