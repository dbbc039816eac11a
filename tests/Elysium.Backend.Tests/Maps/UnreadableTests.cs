using System.Net.Http.Json;
using Elysium.Backend.Hub;
using Elysium.Backend.Maps;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Elysium.Backend.Tests.Maps;

/// <summary>What a stream and its reader see while the database does not give what they lack.</summary>
public sealed class UnreadableTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_stream_whose_difference_cannot_be_read_is_pinged_from_the_beginning_and_told_that_it_is_stale()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        await backend.JoinAsync("bob");
        await RenameAsync(backend, "map_changes", "out_of_reach");

        await using var feed = await TestFeed.OpenAsync(backend, alice, lastEventId: "2").WaitAsync(Patience);
        (await feed.NextPingAsync()).Version.ShouldBe(3);
        (await feed.NextPingAsync()).StaleSince.ShouldNotBeNull();
        backend.Clock.Offset += TimeSpan.FromSeconds(15);
        await feed.NextPingAsync();

        await RenameAsync(backend, "out_of_reach", "map_changes");
        (await feed.NextChangeAsync()).Peers.ShouldHaveSingleItem().Name.ShouldBe("bob");
        (await feed.NextPingAsync()).StaleSince.ShouldBeNull();
    }

    [Fact]
    public async Task A_farewell_does_not_wait_for_what_is_being_read()
    {
        using var reads = new Reads("map_changes");
        using var answer = new ManualResetEventSlim();
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        await backend.JoinAsync("bob");
        reads.Of = await backend.QueryAsync(d => Task.FromResult(d.Database.GetDbConnection().ConnectionString));
        reads.Then = _ => answer.Wait(Patience);
        try
        {
            var opening = TestFeed.OpenAsync(backend, alice, lastEventId: "2");
            await EventuallyAsync(() => reads.Count == 1);

            backend.Services.GetRequiredService<NetworkFeeds>().Drain();

            await using var feed = await opening.WaitAsync(Patience / 2);
            (await feed.TryNextAsync()).ShouldBeNull();
            feed.ReconnectionInterval.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));
            answer.IsSet.ShouldBeFalse();
        }
        finally
        {
            answer.Set();
        }
    }

    [Fact]
    public async Task A_heartbeat_tells_what_the_streams_were_told_while_more_cannot_be_read()
    {
        await using var backend = await TestBackend.StartAsync();
        var network = await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        var changes = new DirectChanges(backend, network.Id);
        await using var feed = await TestFeed.OpenAsync(backend, alice);
        await feed.NextAsync();
        using var client = backend.Client(alice.Certificate);
        await RenameAsync(backend, "map_changes", "out_of_reach");
        await backend.QueryAsync(d => d.Networks.ExecuteUpdateAsync(set => set.SetProperty(n => n.Version, 3)));
        changes.Ring(3);
        (await feed.NextPingAsync()).StaleSince.ShouldNotBeNull();

        var answer = await client.PostAsync("/v1/self/heartbeat", JsonContent.Create(new HeartbeatRequest(alice.Id, 2), ElysiumJson.Default.HeartbeatRequest));

        (await answer.Content.ReadFromJsonAsync(ElysiumJson.Default.HeartbeatResponse))!.Version.ShouldBe(2);
        await RenameAsync(backend, "out_of_reach", "map_changes");
    }

    [Fact]
    public async Task A_database_that_is_away_is_one_line_in_the_log_and_its_return_another()
    {
        await using var backend = await TestBackend.StartAsync();
        var log = new Lines();
        var feeds = new NetworkFeeds(backend.Services.GetRequiredService<MapReader>(), new StreamRegistry(backend.Clock), new HubSignal(), backend.Clock, log);

        await RenameAsync(backend, "networks", "out_of_reach");
        await feeds.PollAsync(CancellationToken.None);
        await feeds.PollAsync(CancellationToken.None);
        await RenameAsync(backend, "out_of_reach", "networks");
        await feeds.PollAsync(CancellationToken.None);
        await feeds.PollAsync(CancellationToken.None);

        log.Written.Select(l => (l.Level, l.Exception)).ShouldBe([(LogLevel.Error, null), (LogLevel.Information, null)]);
        log.Written[0].Text.ShouldContain("networks");
    }

    private static Task<int> RenameAsync(TestBackend backend, string table, string to)
    {
        var sql = $"ALTER TABLE {table} RENAME TO {to}";
        return backend.QueryAsync(d => d.Database.ExecuteSqlRawAsync(sql));
    }

    private static async Task EventuallyAsync(Func<bool> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            TimeProvider.System.GetElapsedTime(start).ShouldBeLessThan(Patience);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }
    }

    private sealed class Lines : ILogger<NetworkFeeds>
    {
        public List<(LogLevel Level, string Text, Exception? Exception)> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add((logLevel, formatter(state, exception), exception));
    }
}
