using System.Collections.Concurrent;
using System.Net.Http.Json;
using Elysium.Backend.Maps;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Elysium.Backend.Tests.Maps;

public sealed class PresenceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task The_end_of_an_old_stream_never_marks_a_newer_one_offline()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        var (older, newer) = (StreamId(backend), StreamId(backend));

        await WriteAsync(backend, alice.Id, older, connected: true);
        await WriteAsync(backend, alice.Id, newer, connected: true);
        await WriteAsync(backend, alice.Id, older, connected: true);
        (await RowAsync(backend, alice.Id)).StreamId.ShouldBe(newer, "the old one is still refreshed by a backend that has not noticed its end");
        await WriteAsync(backend, alice.Id, older, connected: false);
        (await RowAsync(backend, alice.Id)).Connected.ShouldBeTrue();
        await WriteAsync(backend, alice.Id, Guid.Empty, connected: false);
        (await RowAsync(backend, alice.Id)).Connected.ShouldBeTrue("a heartbeat ends nothing");

        await WriteAsync(backend, alice.Id, newer, connected: false);
        (await RowAsync(backend, alice.Id)).Connected.ShouldBeFalse();
        await WriteAsync(backend, alice.Id, older, connected: true);
        (await RowAsync(backend, alice.Id)).Connected.ShouldBeTrue("it is the one that is left");
    }

    [Fact]
    public async Task A_row_that_nobody_refreshes_is_taken_over_and_not_believed()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        var (here, dead) = (StreamId(backend), StreamId(backend));
        await WriteAsync(backend, alice.Id, dead, connected: true);
        (await ShownAsync(backend)).Connected.ShouldBeTrue("another backend has it");

        await backend.QueryAsync(d => d.Presence.ExecuteUpdateAsync(set => set.SetProperty(p => p.SeenAt, p => backend.Clock.GetUtcNow().AddSeconds(-100))));
        var shown = await ShownAsync(backend);
        shown.Connected.ShouldBeFalse();
        shown.LastSeenAt.ShouldNotBeNull();

        await WriteAsync(backend, alice.Id, here, connected: true);
        (await RowAsync(backend, alice.Id)).StreamId.ShouldBe(here);
    }

    [Fact]
    public async Task Streams_are_written_down_when_they_open_and_when_they_end_and_a_restart_remembers()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        var feed = await TestFeed.OpenAsync(backend, alice);
        await feed.NextAsync();
        await EventuallyAsync(async () => await backend.QueryAsync(d => d.Presence.AnyAsync(p => p.PeerId == alice.Id && p.Connected)));

        await backend.RestartAsync();

        (await RowAsync(backend, alice.Id)).Connected.ShouldBeFalse("it was ended before the backend was");
        var shown = await ShownAsync(backend);
        (shown.Connected, shown.LastSeenAt is not null).ShouldBe((false, true));
        await feed.DisposeAsync();
    }

    [Fact]
    public async Task A_second_stream_of_a_peer_keeps_it_connected_when_the_first_ends_and_the_other_way_round()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        var first = await TestFeed.OpenAsync(backend, alice);
        await first.NextAsync();
        var second = await TestFeed.OpenAsync(backend, alice);
        await second.NextAsync();
        var newest = backend.Services.GetRequiredService<StreamRegistry>().Look(alice.Id)!.Value.TellsOf!.Value;
        await EventuallyAsync(async () => await backend.QueryAsync(d => d.Presence.AnyAsync(p => p.Connected && p.StreamId == newest)));

        await second.DisposeAsync();
        await EventuallyAsync(async () => await RowAsync(backend, alice.Id) is { Connected: true } row && row.StreamId != newest);
        (await ShownAsync(backend)).Connected.ShouldBeTrue();
        await first.DisposeAsync();
        await EventuallyAsync(async () => !(await ShownAsync(backend)).Connected);
        await EventuallyAsync(async () => !(await RowAsync(backend, alice.Id)).Connected);
    }

    [Fact]
    public async Task A_peer_that_is_none_any_more_is_not_written_down()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        var nobody = StreamId(backend);
        var notes = new[] { alice.Id, nobody }.Select(p => new PresenceNote(p, StreamId(backend), true, backend.Clock.GetUtcNow())).ToList();

        var existing = await backend.Services.GetRequiredService<PresenceTable>().WriteAsync(notes, CancellationToken.None);

        existing.Value.ShouldBe([alice.Id]);
    }

    [Fact]
    public async Task Batches_of_many_sizes_are_few_statements_and_lose_nobody()
    {
        using var reads = new Reads("heard");
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync(uses: 3);
        var peers = new List<Guid>();
        foreach (var name in new[] { "alice", "bob", "carol" })
        {
            peers.Add((await backend.JoinAsync(name, code)).Id);
        }

        reads.Of = await backend.QueryAsync(d => Task.FromResult(d.Database.GetDbConnection().ConnectionString));
        var texts = new ConcurrentDictionary<string, int>();
        reads.Then = text => texts.AddOrUpdate(text, 1, (_, n) => n + 1);
        foreach (var some in new[] { peers.Take(2), peers })
        {
            var notes = some.Select(p => new PresenceNote(p, StreamId(backend), true, backend.Clock.GetUtcNow())).ToList();
            var existing = await backend.Services.GetRequiredService<PresenceTable>().WriteAsync(notes, CancellationToken.None);
            existing.Value.ShouldBe(notes.Select(n => n.PeerId), ignoreOrder: true);
        }

        texts.ShouldHaveSingleItem().Value.ShouldBe(2);
    }

    [Fact]
    [Trait(TestEngine.Trait, TestEngine.Postgres)]
    public async Task A_peer_that_is_removed_while_a_batch_is_written_does_not_take_the_others_with_it()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        var bob = await backend.JoinAsync("bob");
        var notes = new[] { alice.Id, bob.Id }.Select(p => new PresenceNote(p, StreamId(backend), true, backend.Clock.GetUtcNow())).ToList();

        var existing = await backend.QueryAsync(async database =>
        {
            await using var transaction = await database.Database.BeginTransactionAsync();
            await database.Peers.Where(p => p.Id == bob.Id).ExecuteDeleteAsync();
            var writing = backend.Services.GetRequiredService<PresenceTable>().WriteAsync(notes, CancellationToken.None);

            // It has found bob, and now checks the reference.
            await EventuallyAsync(async () => (await backend.QueryAsync(d => d.Database.SqlQueryRaw<int>("SELECT count(*)::int AS \"Value\" FROM pg_locks WHERE NOT granted").ToListAsync()))[0] > 0);
            await transaction.CommitAsync();
            return await writing;
        });

        existing.Value.ShouldBe([alice.Id]);
    }

    [Fact]
    public async Task A_peer_has_four_streams_at_most_and_loses_the_oldest_to_a_fifth()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        var feeds = new List<TestFeed>();
        try
        {
            for (var n = 0; n < 5; n++)
            {
                feeds.Add(await TestFeed.OpenAsync(backend, alice));
                await feeds[n].NextAsync();
            }

            (await feeds[0].TryNextAsync()).ShouldBeNull();
            await backend.JoinAsync("bob");
            foreach (var feed in feeds[1..])
            {
                (await feed.NextChangeAsync()).Peers.ShouldHaveSingleItem().Name.ShouldBe("bob");
            }
        }
        finally
        {
            foreach (var feed in feeds)
            {
                await feed.DisposeAsync();
            }
        }
    }

    private static Guid StreamId(TestBackend backend)
    {
        backend.Clock.Offset += TimeSpan.FromMilliseconds(2);
        return Guid.CreateVersion7(backend.Clock.GetUtcNow());
    }

    private static async Task WriteAsync(TestBackend backend, Guid peer, Guid stream, bool connected)
    {
        var outcome = await backend.Services.GetRequiredService<PresenceTable>().WriteAsync([new PresenceNote(peer, stream, connected, backend.Clock.GetUtcNow())], CancellationToken.None);
        outcome.Value.ShouldBe([peer]);
    }

    private static Task<PeerPresence> RowAsync(TestBackend backend, Guid peer) =>
        backend.QueryAsync(d => d.Presence.AsNoTracking().SingleAsync(p => p.PeerId == peer));

    private static async Task<PeerResponse> ShownAsync(TestBackend backend) =>
        (await backend.Admin.GetFromJsonAsync("/v1/networks/home/peers/alice", ElysiumJson.Default.PeerResponse))!;

    private static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            TimeProvider.System.GetElapsedTime(start).ShouldBeLessThan(Patience);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }
    }
}
