using System.Text.Json;
using Elysium.Client.Agent;
using Elysium.Client.Backend;
using Elysium.Contracts;
using Elysium.Tests.Client.Backend;
using Microsoft.Extensions.Time.Testing;

namespace Elysium.Tests.Client.Agent;

public sealed class SessionTests : IDisposable
{
    private readonly JoinedMachine _machine = new();
    private readonly Installation _installation = new();
    private readonly FakeTimeProvider _time = new(Installation.Start);

    [Fact]
    public async Task A_whole_map_that_lost_its_peers_is_not_believed_when_the_second_one_has_them()
    {
        var (held, asked) = await FollowAsync(12, 0, LoopbackServer.Json(Write(NetworkHistory.MapOf(8, 12))));
        (held.Version, held.Peers.Count, asked).ShouldBe((8, 12, 1));
    }

    [Fact]
    public async Task A_whole_map_that_lost_its_peers_is_believed_when_it_is_confirmed()
    {
        var (held, asked) = await FollowAsync(12, 0, LoopbackServer.Json(Write(NetworkHistory.MapOf(9, 0))));
        (held.Version, held.Peers.Count, asked).ShouldBe((9, 0, 1));
    }

    [Theory]
    [InlineData("503 Unavailable\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\nnull")]
    [InlineData("200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")]
    public async Task An_error_never_becomes_an_empty_map(string second)
    {
        var (held, asked) = await FollowAsync(12, 0, second);
        (held.Version, held.Peers.Count, asked).ShouldBe((7, 12, 1));
    }

    [Theory]
    [InlineData(9, 0)]
    [InlineData(12, 6)]
    public async Task A_whole_map_that_lost_few_is_believed_at_once(int before, int after)
    {
        var (held, asked) = await FollowAsync(before, after, "500 Nobody should ask\r\nContent-Length: 0\r\n\r\n");
        (held.Version, held.Peers.Count, asked).ShouldBe((8, after, 0));
    }

    public void Dispose()
    {
        _installation.Dispose();
        _machine.Dispose();
    }

    private static string Write(NetworkMap map) => JsonSerializer.Serialize(map, ElysiumJson.Default.NetworkMap);

    /// <summary>One stream that gives one whole map and ends; what is on disk then, and how often a second map was asked for.</summary>
    private async Task<(NetworkMap Held, int Asked)> FollowAsync(int before, int after, string second)
    {
        var network = _machine.Join(peers: before);
        var stream = $"200 OK\r\nContent-Type: text/event-stream\r\n\r\nevent: map\nid: 8\ndata: {Write(NetworkHistory.MapOf(8, after))}\n\n";
        await using var server = new LoopbackServer(_installation.Server(), line => line.Split(' ')[1] switch
        {
            "/v1/self/events" => stream,
            "/v1/self/map" => second,
            _ => LoopbackServer.Json("""{"version":8}"""),
        });
        BackendTrust.TryRead(_installation.Bundle, _time, out var trust, out var error).ShouldBeTrue(error);
        using var connection = BackendConnection.Verified(server.Url, trust, _time);
        var log = new AgentLog(TextWriter.Null, _time, verbose: false);
        var held = new HeldMap(network, _time);
        var session = new Session(connection, server.Url, Guid.CreateVersion7(_time.GetUtcNow()), held, new StatusBoard(network, _time, log), _time, log);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        (await session.RunAsync(deadline.Token)).Failure.ShouldBeOfType<Unreachable>();

        server.Requests.ShouldContain(r => r.Contains("Last-Event-ID: 7"));
        var map = network.ReadMap().ShouldNotBeNull().Map;
        held.Version.ShouldBe(map.Version);
        return (map, server.Requests.Count(r => r.StartsWith("GET /v1/self/map ")));
    }
}
