using Elysium.Backend.Maps;
using Microsoft.Extensions.DependencyInjection;

namespace Elysium.Backend.Tests.Maps;

public sealed class SlowReaderTests
{
    private const int Peers = 40;
    private const int Rounds = 12;

    [Fact]
    public async Task A_reader_that_stops_reading_is_brought_up_to_date_in_one_step_and_nothing_is_kept_for_it()
    {
        await using var backend = await TestBackend.StartAsync();
        var network = await backend.CreateNetworkAsync("home", "10.77.0.0/16");
        var alice = await backend.JoinAsync("alice");
        var changes = new DirectChanges(backend, network.Id);
        var peers = new List<Guid>();
        for (var i = 0; i < Peers; i++)
        {
            peers.Add((await changes.JoinAsync($"machine-{i}", Large("0"))).Id);
        }

        await using var slow = await TestFeed.OpenAsync(backend, alice);
        await slow.NextAsync();
        await using var quick = await TestFeed.OpenAsync(backend, alice);
        await quick.NextAsync();
        var feed = backend.Services.GetRequiredService<NetworkFeeds>().FeedOf(network.Id)!;
        var (version, made) = (0L, 0L);
        for (var round = 1; round <= Rounds; round++)
        {
            foreach (var peer in peers)
            {
                version = await changes.TagAsync(peer, Large($"{round}"));
            }

            changes.Ring(version);
            while ((await quick.NextChangeAsync()).Version < version)
            {
            }

            made += feed.State.Ring[^1].Length;
            feed.State.Ring.Sum(f => (long)f.Length).ShouldBeLessThanOrEqualTo(8 * 1024 * 1024);
        }

        feed.State.Covers(version - (Peers * Rounds)).ShouldBeFalse("the ring is to have forgotten where the slow one is");
        var told = new Dictionary<Guid, string>();
        var bytes = 0;
        for (var held = 0L; held < version;)
        {
            var change = await slow.NextChangeAsync();
            held = change.Version;
            bytes += change.Peers.Sum(p => p.Tags.Sum(t => t.Length));
            foreach (var peer in change.Peers)
            {
                told[peer.Id] = peer.Tags[0];
            }
        }

        told.Keys.ShouldBe(peers, ignoreOrder: true);
        told.Values.ShouldAllBe(tag => tag.EndsWith($"-{Rounds}"));
        bytes.ShouldBeLessThan((int)(made / 2), "it did not get every frame");
    }

    [Fact]
    public async Task A_reader_that_takes_nothing_for_half_a_minute_is_given_up()
    {
        await using var backend = await TestBackend.StartAsync();
        var network = await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        var changes = new DirectChanges(backend, network.Id);
        for (var i = 0; i < Peers; i++)
        {
            await changes.JoinAsync($"machine-{i}", Large("0"));
        }

        // Its whole map is more than any window takes.
        await using var stuck = await TestFeed.OpenAsync(backend, alice);
        var feed = backend.Services.GetRequiredService<NetworkFeeds>().FeedOf(network.Id)!;
        var stream = feed.Streams().ShouldHaveSingleItem();
        await EventuallyAsync(() => stream.IsWriting);
        backend.Clock.Offset = TimeSpan.FromSeconds(20);
        await backend.JoinAsync("bob");
        feed.Streams().ShouldHaveSingleItem();

        backend.Clock.Offset = TimeSpan.FromSeconds(40);

        await EventuallyAsync(() => feed.Streams().Length == 0);
    }

    private static async Task EventuallyAsync(Func<bool> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            TimeProvider.System.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(20));
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }
    }

    private static string Large(string round) => new string('x', 24 * 1024) + "-" + round;
}
