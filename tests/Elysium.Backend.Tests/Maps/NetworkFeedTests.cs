using Elysium.Backend.Hub;
using Elysium.Backend.Maps;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Elysium.Backend.Tests.Maps;

/// <summary>A feed's loop without streams: what wakes it, and how soon.</summary>
public sealed class NetworkFeedTests
{
    [Fact]
    public async Task What_was_rung_before_the_first_stream_began_is_read_when_it_begins()
    {
        await using var backend = await TestBackend.StartAsync();
        var network = await backend.CreateNetworkAsync();
        var changes = new DirectChanges(backend, network.Id);
        var began = (await changes.JoinAsync("alice")).Version;
        var clock = new StandingClock();
        var feed = Feed(backend, network.Id, clock);
        feed.Start();
        await EventuallyAsync(() => clock.Timers == 1);
        var rung = (await changes.JoinAsync("bob")).Version;
        feed.Observe(rung, urgent: false);
        await EventuallyAsync(() => clock.Timers == 2);

        feed.Begin(began).ShouldBeTrue();

        await EventuallyAsync(() => feed.State.Head == rung);
        await feed.StopAsync();
    }

    [Fact]
    public async Task A_stream_that_read_its_peer_before_the_version_at_which_the_feed_began_is_told_to_read_it_again()
    {
        await using var backend = await TestBackend.StartAsync();
        var network = await backend.CreateNetworkAsync();
        var feed = Feed(backend, network.Id, backend.Clock);

        feed.Begin(10).ShouldBeTrue();

        feed.Begin(9).ShouldBeFalse();
        feed.Begin(10).ShouldBeTrue();
        feed.Begin(11).ShouldBeTrue();
    }

    [Fact]
    public async Task A_removal_that_was_observed_before_it_was_rung_cuts_the_rest_short()
    {
        await using var backend = await TestBackend.StartAsync();
        var network = await backend.CreateNetworkAsync();
        var changes = new DirectChanges(backend, network.Id);
        var began = (await changes.JoinAsync("alice")).Version;
        var bob = await changes.JoinAsync("bob");

        var feed = Feed(backend, network.Id, new StandingClock());
        feed.Start();
        feed.Begin(began);
        feed.Observe(bob.Version, urgent: false);
        await EventuallyAsync(() => feed.State.Head == bob.Version);
        var removed = await changes.RemoveAsync(bob.Id);
        feed.Observe(removed, urgent: false);
        feed.State.Head.ShouldBe(bob.Version, "it is to rest");

        feed.Observe(removed, urgent: true);

        await EventuallyAsync(() => feed.State.Head == removed);
        await feed.StopAsync();
    }

    private static NetworkFeed Feed(TestBackend backend, Guid network, TimeProvider time) => new(
        network,
        backend.Services.GetRequiredService<MapReader>(),
        new StreamRegistry(time),
        new HubSignal(),
        time,
        NullLogger.Instance);

    private static async Task EventuallyAsync(Func<bool> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            TimeProvider.System.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(10));
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
        }
    }

    /// <summary>What waits or rests does so until it is woken.</summary>
    private sealed class StandingClock : TimeProvider
    {
        private int _timers;

        public int Timers => Volatile.Read(ref _timers);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Increment(ref _timers);
            return System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
