using Elysium.Backend.Database;
using Elysium.Backend.Maps;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Elysium.Backend.Tests.Maps;

public sealed class CatchUpTests
{
    [Fact]
    public async Task What_the_log_has_forgotten_is_asked_of_it_once()
    {
        using var reads = new Reads("map_changes");
        await using var backend = await TestBackend.StartAsync();
        var network = await backend.CreateNetworkAsync();
        foreach (var name in new[] { "alice", "bob", "carol" })
        {
            await backend.JoinAsync(name);
        }

        await backend.QueryAsync(d => d.MapChanges.Where(c => c.Version <= 3).ExecuteDeleteAsync());
        var catchUp = await CatchUpAsync(backend, network.Id, reads, head: 4);

        (await catchUp.SinceAsync(2)).ShouldBeNull();
        (await catchUp.SinceAsync(2)).ShouldBeNull();
        (await catchUp.SinceAsync(1)).ShouldBeNull();
        reads.Count.ShouldBe(1);
        (await catchUp.SinceAsync(3)).ShouldNotBeNull().To.ShouldBe(4);
    }

    [Fact]
    public async Task A_whole_map_of_a_history_that_was_replaced_while_it_was_read_is_read_again()
    {
        using var reads = new Reads("peers");
        await using var backend = await TestBackend.StartAsync();
        var network = await backend.CreateNetworkAsync();
        await backend.JoinAsync("alice");
        await backend.JoinAsync("bob");
        var catchUp = await CatchUpAsync(backend, network.Id, reads, head: 3);
        reads.Then = _ =>
        {
            reads.Then = null;
            using var database = backend.Services.GetRequiredService<IDbContextFactory<ElysiumDatabase>>().CreateDbContext();
            database.Networks.ExecuteUpdate(set => set.SetProperty(n => n.Version, 2));
            catchUp.StartOver(new FeedState(1, 2, []), new WholeMap(2, []));
        };

        (await catchUp.WholeAsync(fresh: true)).ShouldNotBeNull().Version.ShouldBe(2);
        (await catchUp.WholeAsync()).ShouldNotBeNull().Version.ShouldBe(2);
    }

    private static async Task<CatchUp> CatchUpAsync(TestBackend backend, Guid network, Reads reads, long head)
    {
        reads.Of = await backend.QueryAsync(d => Task.FromResult(d.Database.GetDbConnection().ConnectionString));
        return new CatchUp(network, backend.Services.GetRequiredService<MapReader>()) { State = new FeedState(0, head, []) };
    }
}
