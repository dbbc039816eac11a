using System.Text.Json;
using Elysium.Backend.Maps;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Elysium.Backend.Tests.Maps;

public sealed class ReplayTests
{
    [Fact]
    public async Task A_version_that_the_ring_has_is_resumed_from_it_without_a_look_at_the_log()
    {
        await using var backend = await TestBackend.StartAsync();
        var network = await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        var changes = new DirectChanges(backend, network.Id);
        await using var keepsItOpen = await TestFeed.OpenAsync(backend, alice);
        await keepsItOpen.NextAsync();
        foreach (var name in new[] { "bob", "carol" })
        {
            changes.Ring((await changes.JoinAsync(name)).Version);
            await keepsItOpen.NextChangeAsync();
        }

        // Whoever needs it now gets a whole map.
        await backend.QueryAsync(d => d.MapChanges.ExecuteDeleteAsync());
        await using var resumed = await TestFeed.OpenAsync(backend, alice, lastEventId: "2");

        (await resumed.NextChangeAsync()).Peers.ShouldHaveSingleItem().Name.ShouldBe("bob");
        (await resumed.NextChangeAsync()).Peers.ShouldHaveSingleItem().Name.ShouldBe("carol");
    }

    [Fact]
    public async Task A_version_whose_changes_were_forgotten_starts_over_and_one_that_is_newer_does_not()
    {
        await using var backend = await TestBackend.StartAsync();
        var network = await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        await backend.JoinAsync("bob");
        backend.Clock.Offset = TimeSpan.FromDays(6);
        await backend.JoinAsync("carol");
        backend.Clock.Offset = TimeSpan.FromDays(6.5);
        var pruning = backend.Services.GetRequiredService<ChangePruning>();
        (await pruning.PruneAsync(CancellationToken.None)).ShouldBe(0, "all is younger than a week");

        // Into the second week; certificates end after the first.
        backend.Clock.Offset = TimeSpan.FromDays(7.5);
        (await pruning.PruneAsync(CancellationToken.None)).ShouldBe(2, "alice's and bob's joining");
        backend.Clock.Offset = TimeSpan.FromDays(6.9);

        await using var old = await TestFeed.OpenAsync(backend, alice, lastEventId: "2");
        (await old.NextAsync()).EventType.ShouldBe(FeedEvents.Map);
        await using var newer = await TestFeed.OpenAsync(backend, alice, lastEventId: "3");
        (await newer.NextChangeAsync()).Peers.ShouldHaveSingleItem().Name.ShouldBe("carol");
    }

    [Fact]
    public async Task No_more_than_ten_thousand_changes_are_kept()
    {
        await using var backend = await TestBackend.StartAsync();
        var network = await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        await backend.QueryAsync(async database =>
        {
            var now = backend.Clock.GetUtcNow();
            database.MapChanges.AddRange(Enumerable.Range(3, 12_498).Select(v => new MapChangeRow { NetworkId = network.Id, Version = v, PeerId = alice.Id, At = now }));
            await database.SaveChangesAsync();
            return await database.Networks.ExecuteUpdateAsync(set => set.SetProperty(n => n.Version, 12_500));
        });

        await backend.Services.GetRequiredService<ChangePruning>().PruneAsync(CancellationToken.None);

        var kept = await backend.QueryAsync(d => d.MapChanges.Select(c => c.Version).OrderBy(v => v).ToListAsync());
        (kept[0], kept.Count).ShouldBe((2_501, 10_000));
        await using var far = await TestFeed.OpenAsync(backend, alice, lastEventId: "2500");
        (await far.NextAsync()).EventType.ShouldBe(FeedEvents.Map, "it lacks more than one frame takes");
        await using var near = await TestFeed.OpenAsync(backend, alice, lastEventId: $"{12_500 - MapReader.MostChanges}");
        (await near.NextChangeAsync()).Version.ShouldBe(12_500);
    }

    [Fact]
    public async Task Who_holds_nothing_gets_the_whole_map_with_itself_in_it()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        var bob = await backend.JoinAsync("bob");
        await using var feed = await TestFeed.OpenAsync(backend, alice, lastEventId: "0");

        var map = JsonSerializer.Deserialize((await feed.NextAsync()).Data, ElysiumJson.Default.NetworkMap)!;

        (map.Version, map.Self.Id).ShouldBe((3, alice.Id));
        map.Peers.Select(p => p.Id).ShouldBe([alice.Id, bob.Id]);
        map.Hubs.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_restored_backup_starts_open_streams_over_and_cuts_who_is_not_in_it()
    {
        await using var backend = await TestBackend.StartAsync();
        var network = await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        var bob = await backend.JoinAsync("bob");
        await using var alices = await TestFeed.OpenAsync(backend, alice);
        await using var bobs = await TestFeed.OpenAsync(backend, bob);
        await alices.NextAsync();
        await bobs.NextAsync();

        await backend.QueryAsync(async database =>
        {
            await using var transaction = await database.Database.BeginTransactionAsync();
            await database.Peers.Where(p => p.Id == bob.Id).ExecuteDeleteAsync();
            await database.MapChanges.Where(c => c.Version > 2).ExecuteDeleteAsync();
            await database.Networks.ExecuteUpdateAsync(set => set.SetProperty(n => n.Version, 2));
            await transaction.CommitAsync();
            return 0;
        });

        (await bobs.TryNextAsync()).ShouldBeNull();
        var item = await alices.NextAsync();
        (item.EventType, item.EventId).ShouldBe((FeedEvents.Map, "2"));
    }

    [Fact]
    public async Task Streams_with_the_same_version_share_one_reading_and_its_bytes()
    {
        using var reads = new Reads("map_changes");
        await using var backend = await TestBackend.StartAsync();
        var network = await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        await backend.JoinAsync("bob");
        await backend.JoinAsync("carol");
        await using var feed = await TestFeed.OpenAsync(backend, alice);
        await feed.NextAsync();
        reads.Of = await backend.QueryAsync(d => Task.FromResult(d.Database.GetDbConnection().ConnectionString));
        var catchUp = backend.Services.GetRequiredService<NetworkFeeds>().FeedOf(network.Id)!.CatchUp;

        var differences = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => catchUp.SinceAsync(2))));
        var wholes = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => catchUp.WholeAsync())));

        reads.Count.ShouldBe(1);
        foreach (var gzip in new[] { false, true })
        {
            differences.Select(d => d!.Bytes(gzip)).Distinct().ShouldHaveSingleItem();
            wholes.Select(w => w!.Bytes(gzip)).Distinct().ShouldHaveSingleItem();
        }
    }
}
