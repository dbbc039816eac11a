using System.Text;
using System.Text.Json;
using Elysium.Backend.Access;
using Elysium.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

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
    public async Task A_peer_that_is_revoked_between_the_check_of_its_certificate_and_its_stream_is_told_nothing()
    {
        await using var backend = await TestBackend.StartAsync();
        var network = await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        var events = backend.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Single(e => e.RoutePattern.RawText == "/v1/self/events");
        using var body = new MemoryStream();
        var http = new DefaultHttpContext { RequestServices = backend.Services };
        http.Response.Body = body;

        // What the check leaves behind, and then the revocation.
        var version = await backend.QueryAsync(d => d.Networks.Select(n => n.Version).SingleAsync());
        http.Features.Set(new AuthenticatedPeer(alice.Id, network.Id, "alice", "00", [], backend.Clock.GetUtcNow().AddDays(1), version));
        await backend.Admin.DeleteAsync("/v1/networks/home/peers/alice");
        await events.RequestDelegate!(http).WaitAsync(TimeSpan.FromSeconds(10));

        http.Response.StatusCode.ShouldBe(403);
        Encoding.UTF8.GetString(body.ToArray()).ShouldContain(ProblemCodes.PeerRevoked);
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
