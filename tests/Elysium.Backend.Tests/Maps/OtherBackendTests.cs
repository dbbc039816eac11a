using Elysium.Backend.Hub;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Elysium.Backend.Tests.Maps;

/// <summary>What nobody here rang for: the net under the doorbell finds it.</summary>
public sealed class OtherBackendTests
{
    private static readonly TimeSpan Bar = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_revocation_by_another_backend_cuts_the_stream_tells_the_others_and_urges_the_hub_within_a_second()
    {
        await using var backend = await TestBackend.StartAsync();
        var network = await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        var bob = await backend.JoinAsync("bob");
        await using var alices = await TestFeed.OpenAsync(backend, alice);
        await using var bobs = await TestFeed.OpenAsync(backend, bob);
        await alices.NextAsync();
        await bobs.NextAsync();
        var hub = backend.Services.GetRequiredService<HubSignal>();
        hub.Take();

        await new DirectChanges(backend, network.Id).RemoveAsync(bob.Id);
        var start = TimeProvider.System.GetTimestamp();

        (await bobs.TryNextAsync()).ShouldBeNull();
        (await alices.NextChangeAsync()).Removed.ShouldBe([bob.Id]);
        TimeProvider.System.GetElapsedTime(start).ShouldBeLessThan(Bar);
        hub.Take().ShouldBeTrue("a member that is out must lose the hub at once");
    }

    [Fact]
    public async Task A_join_at_another_backend_reaches_streams_and_hub_within_a_second()
    {
        await using var backend = await TestBackend.StartAsync();
        var network = await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        await using var feed = await TestFeed.OpenAsync(backend, alice);
        await feed.NextAsync();
        var hub = backend.Services.GetRequiredService<HubSignal>();
        hub.Take();
        var woken = hub.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, CancellationToken.None);

        await new DirectChanges(backend, network.Id).JoinAsync("bob");
        var start = TimeProvider.System.GetTimestamp();

        (await feed.NextChangeAsync()).Peers.ShouldHaveSingleItem().Name.ShouldBe("bob");
        await woken;
        TimeProvider.System.GetElapsedTime(start).ShouldBeLessThan(Bar);
    }

    [Fact]
    public async Task A_network_that_another_backend_deleted_ends_its_streams()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        await using var feed = await TestFeed.OpenAsync(backend, alice);
        await feed.NextAsync();

        await backend.QueryAsync(d => d.Networks.ExecuteDeleteAsync());

        (await feed.TryNextAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_database_that_cannot_be_read_is_told_when_it_begins_and_when_it_ends_and_costs_no_stream()
    {
        await using var backend = await TestBackend.StartAsync();
        var network = await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        var changes = new DirectChanges(backend, network.Id);
        await using var feed = await TestFeed.OpenAsync(backend, alice);
        await feed.NextAsync();
        var before = backend.Clock.GetUtcNow();

        await backend.QueryAsync(d => d.Database.ExecuteSqlRawAsync("ALTER TABLE networks RENAME TO out_of_reach"));
        var stale = await feed.NextPingAsync();
        stale.StaleSince.ShouldNotBeNull().ShouldBeInRange(before.AddSeconds(-2), before.AddSeconds(2));

        await backend.QueryAsync(d => d.Database.ExecuteSqlRawAsync("ALTER TABLE out_of_reach RENAME TO networks"));
        (await feed.NextPingAsync()).StaleSince.ShouldBeNull();
        await changes.JoinAsync("bob");
        (await feed.NextChangeAsync()).Peers.ShouldHaveSingleItem().Name.ShouldBe("bob");
    }

    [Fact]
    public async Task Changes_that_cannot_be_read_are_not_told_as_removals_and_come_later()
    {
        await using var backend = await TestBackend.StartAsync();
        var network = await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        await backend.JoinAsync("bob");
        var changes = new DirectChanges(backend, network.Id);
        await using var feed = await TestFeed.OpenAsync(backend, alice);
        await feed.NextAsync();
        var (carol, version) = await changes.JoinAsync("carol");
        await backend.QueryAsync(d => d.Database.ExecuteSqlRawAsync("ALTER TABLE peers RENAME TO out_of_reach"));
        changes.Ring(version);

        // The log can be read, and who it names cannot.
        (await feed.NextPingAsync()).StaleSince.ShouldNotBeNull();
        await backend.QueryAsync(d => d.Database.ExecuteSqlRawAsync("ALTER TABLE out_of_reach RENAME TO peers"));

        var change = await feed.NextChangeAsync();
        change.Peers.ShouldHaveSingleItem().Id.ShouldBe(carol);
        change.Removed.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_silent_stream_is_pinged_with_the_version()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        await using var feed = await TestFeed.OpenAsync(backend, alice);
        await feed.NextAsync();

        backend.Clock.Offset = TimeSpan.FromSeconds(15);

        (await feed.NextPingAsync()).Version.ShouldBe(2);
    }

    [Fact]
    public async Task A_stream_ends_with_its_certificate()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        await using var feed = await TestFeed.OpenAsync(backend, alice);
        await feed.NextAsync();

        backend.Clock.Offset = TimeSpan.FromDays(7.1);

        while (await feed.TryNextAsync() is { } item)
        {
            item.EventType.ShouldBe(FeedEvents.Ping);
        }
    }
}
