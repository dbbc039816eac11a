using System.Net.Http.Json;
using Elysium.Backend.Maps;
using Elysium.Contracts;
using Microsoft.Extensions.Logging.Abstractions;

namespace Elysium.Backend.Tests.Maps;

public sealed class HeartbeatTests
{
    [Fact]
    public async Task A_heartbeat_tells_the_version_and_makes_the_peer_seen()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        await backend.JoinAsync("bob");
        using var client = backend.Client(alice.Certificate);

        var answer = await client.PostAsync("/v1/self/heartbeat", JsonContent.Create(new HeartbeatRequest(Guid.CreateVersion7(backend.Clock.GetUtcNow()), 2), ElysiumJson.Default.HeartbeatRequest));

        (await answer.Content.ReadFromJsonAsync(ElysiumJson.Default.HeartbeatResponse))!.Version.ShouldBe(3);
        var peer = (await backend.Admin.GetFromJsonAsync("/v1/networks/home/peers/alice", ElysiumJson.Default.PeerResponse))!;
        peer.Connected.ShouldBeFalse();
        peer.LastSeenAt.ShouldNotBeNull();
    }

    [Fact]
    public void Two_sessions_that_take_turns_are_one_identity_on_two_machines_and_a_restart_is_not()
    {
        var clock = new OffsetClock();
        var sessions = new AgentSessions(clock, NullLogger<AgentSessions>.Instance);
        var peer = Guid.CreateVersion7(clock.GetUtcNow());
        var first = Guid.CreateVersion7(clock.GetUtcNow());
        var second = Guid.CreateVersion7(clock.GetUtcNow());

        sessions.Heard(peer, "alice", first).ShouldBeFalse();
        sessions.Heard(peer, "alice", first).ShouldBeFalse();
        sessions.Heard(peer, "alice", second).ShouldBeFalse("an agent that restarted");
        sessions.Heard(peer, "alice", second).ShouldBeFalse();
        sessions.Heard(peer, "alice", first).ShouldBeTrue("the old session came back");
    }

    [Fact]
    public void Sessions_that_were_not_heard_for_long_are_forgotten()
    {
        var clock = new OffsetClock();
        var sessions = new AgentSessions(clock, NullLogger<AgentSessions>.Instance);
        for (var n = 0; n < 3; n++)
        {
            sessions.Heard(Guid.CreateVersion7(clock.GetUtcNow()), "alice", Guid.CreateVersion7(clock.GetUtcNow()));
        }

        sessions.Count.ShouldBe(3);
        clock.Offset = TimeSpan.FromMinutes(6);
        sessions.Heard(Guid.CreateVersion7(clock.GetUtcNow()), "bob", Guid.CreateVersion7(clock.GetUtcNow()));

        sessions.Count.ShouldBe(1);
    }
}
