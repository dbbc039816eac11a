using System.Net.ServerSentEvents;
using System.Text.Json;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Tests.Maps;

public sealed class FeedTests
{
    [Fact]
    public async Task A_stream_begins_with_the_whole_map_and_goes_on_with_what_changes()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        await using var feed = await TestFeed.OpenAsync(backend, alice);

        var first = await feed.NextAsync();
        first.EventType.ShouldBe(FeedEvents.Map);
        first.EventId.ShouldBe("2");

        var bob = await backend.JoinAsync("bob");
        var joined = await feed.NextChangeAsync();
        joined.Version.ShouldBe(3);
        joined.Peers.ShouldHaveSingleItem().Name.ShouldBe("bob");
        joined.Removed.ShouldBeEmpty();

        await backend.Admin.DeleteAsync("/v1/networks/home/peers/bob");
        var removed = await feed.NextChangeAsync();
        removed.Peers.ShouldBeEmpty();
        removed.Removed.ShouldBe([bob.Id]);
    }

    [Fact]
    public async Task A_stream_that_resumes_gets_what_it_missed_and_nothing_twice()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        var bob = await backend.JoinAsync("bob");
        await backend.JoinAsync("carol");
        await backend.Admin.DeleteAsync("/v1/networks/home/peers/bob");
        await using var feed = await TestFeed.OpenAsync(backend, alice, lastEventId: "2");

        var change = await feed.NextChangeAsync();

        change.Version.ShouldBe(5);
        change.Peers.ShouldHaveSingleItem().Name.ShouldBe("carol");
        change.Removed.ShouldBe([bob.Id]);
    }

    [Fact]
    public async Task A_stream_that_missed_nothing_gets_a_ping_at_once()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        await using var feed = await TestFeed.OpenAsync(backend, alice, lastEventId: "2");

        var item = await feed.NextAsync();

        item.EventType.ShouldBe(FeedEvents.Ping);
        item.EventId.ShouldBeNull();
    }

    [Theory]
    [InlineData("99")]
    [InlineData("-1")]
    [InlineData("abc")]
    [InlineData("99999999999999999999")]
    public async Task An_event_id_that_this_network_never_had_starts_over_with_a_whole_map(string id)
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        await using var feed = await TestFeed.OpenAsync(backend, alice, lastEventId: id);

        (await feed.NextAsync()).EventType.ShouldBe(FeedEvents.Map);
    }

    [Fact]
    public async Task A_revoked_peers_stream_ends_at_once_and_the_others_go_on()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        var bob = await backend.JoinAsync("bob");
        await using var alices = await TestFeed.OpenAsync(backend, alice);
        await using var bobs = await TestFeed.OpenAsync(backend, bob);
        await alices.NextAsync();
        await bobs.NextAsync();

        await backend.Admin.DeleteAsync("/v1/networks/home/peers/bob");

        (await bobs.TryNextAsync()).ShouldBeNull();
        (await alices.NextChangeAsync()).Removed.ShouldBe([bob.Id]);
    }

    [Fact]
    public async Task A_stream_that_nobody_cut_tells_a_peer_that_is_out_nothing_more()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        await using var feed = await TestFeed.OpenAsync(backend, alice);
        await feed.NextAsync();

        // As when the revocation falls between the check of the certificate and the opening of the stream.
        await backend.QueryAsync(d => d.Peers.Where(p => p.Id == alice.Id).ExecuteDeleteAsync());
        await backend.JoinAsync("bob");

        (await feed.TryNextAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Deleting_the_network_ends_its_streams()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        await using var feed = await TestFeed.OpenAsync(backend, alice);
        await feed.NextAsync();

        await backend.Admin.DeleteAsync("/v1/networks/home");

        (await feed.TryNextAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_burst_of_joins_arrives_in_few_frames_that_add_up_to_all_of_it()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        var code = await backend.CreateCodeAsync(uses: 40);
        await using var feed = await TestFeed.OpenAsync(backend, alice);
        var held = JsonSerializer.Deserialize((await feed.NextAsync()).Data, ElysiumJson.Default.NetworkMap)!.Version;

        await Task.WhenAll(Enumerable.Range(0, 40).Select(n => backend.JoinAsync($"machine-{n}", code)));

        var names = new HashSet<string>();
        var frames = 0;
        while (held < 42)
        {
            var change = await feed.NextChangeAsync();
            change.Version.ShouldBeGreaterThan(held);
            held = change.Version;
            names.UnionWith(change.Peers.Select(p => p.Name));
            frames++;
        }

        names.Count.ShouldBe(40);
        frames.ShouldBeLessThan(40);
    }

    [Fact]
    public async Task A_stopping_backend_tells_each_stream_when_to_come_back()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        await using var feed = await TestFeed.OpenAsync(backend, alice);
        await feed.NextAsync();

        await backend.RestartAsync();

        (await feed.TryNextAsync()).ShouldBeNull();
        feed.ReconnectionInterval.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Operators_see_who_is_connected()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        await backend.JoinAsync("bob");
        await using var feed = await TestFeed.OpenAsync(backend, alice);
        await feed.NextAsync();

        var listing = JsonSerializer.Deserialize(await backend.Admin.GetStringAsync("/v1/networks/home/peers"), ElysiumJson.Default.ListingPeerResponse)!;

        listing.Items.Select(p => (p.Name, p.Connected, p.LastSeenAt is not null)).ShouldBe([("alice", true, true), ("bob", false, false)]);
    }
}

/// <summary>A reader of one peer's event stream, with a deadline on each item.</summary>
internal sealed class TestFeed : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly HttpClient _client;
    private readonly SseParser<string> _parser;
    private readonly IAsyncEnumerator<SseItem<string>> _items;

    private TestFeed(HttpClient client, Stream body)
    {
        _client = client;
        _parser = SseParser.Create(body);
        _items = _parser.EnumerateAsync().GetAsyncEnumerator();
    }

    public TimeSpan ReconnectionInterval => _parser.ReconnectionInterval;

    public static async Task<TestFeed> OpenAsync(TestBackend backend, TestPeer peer, string? lastEventId = null)
    {
        var client = backend.Client(peer.Certificate);
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/self/events") { Version = System.Net.HttpVersion.Version20 };
        request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.IsSuccessStatusCode.ShouldBeTrue();
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        return new TestFeed(client, await answer.Content.ReadAsStreamAsync());
    }

    public async Task<SseItem<string>> NextAsync() => await TryNextAsync() ?? throw new InvalidOperationException("The stream ended.");

    /// <summary>The next item; null when the stream has ended.</summary>
    public async Task<SseItem<string>?> TryNextAsync() => await _items.MoveNextAsync().AsTask().WaitAsync(Deadline) ? _items.Current : null;

    public async Task<MapChange> NextChangeAsync()
    {
        while (true)
        {
            var item = await NextAsync();
            if (item.EventType == FeedEvents.Change)
            {
                return JsonSerializer.Deserialize(item.Data, ElysiumJson.Default.MapChange)!;
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
