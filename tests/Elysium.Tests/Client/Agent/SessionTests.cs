using System.Text.Json;
using Elysium.Client.Agent;
using Elysium.Client.Backend;
using Elysium.Client.State;
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

    [Fact]
    public async Task The_machine_itself_is_none_of_its_peers()
    {
        var self = NetworkHistory.MapOf(8, 0).Self;
        var all = NetworkHistory.MapOf(8, Enumerable.Range(1, 3).Select(NetworkHistory.Peer).Append(NetworkHistory.Peer(4) with { Id = self.Id, Name = self.Name }));
        var (held, _) = await FollowAsync(2, all, "500 Nobody should ask\r\nContent-Length: 0\r\n\r\n");
        held.Peers.Select(p => p.Name).ShouldBe(["peer-001", "peer-002", "peer-003"]);
    }

    [Fact]
    public void A_map_that_the_disk_refuses_is_used_and_written_when_there_is_room()
    {
        var network = _machine.Join(peers: 2);
        var lines = new StringWriter();
        var held = new HeldMap(network, _time, new AgentLog(lines, _time, verbose: false));
        var inTheWay = Directory.CreateDirectory(Path.Combine(network.Folder, NetworkState.MapFile + ".new", "full"));

        held.Hold(NetworkHistory.MapOf(8, 3));
        held.Hold(NetworkHistory.MapOf(9, 4));

        (held.Version, network.ReadMap()!.Map.Version).ShouldBe((9, 7));
        lines.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem().ShouldContain("map 8 is used, but cannot be kept");
        inTheWay.Parent!.Delete(recursive: true);

        // Whoever waits for the next map, as the interface does every few seconds, has the last one written.
        held.WaitAsync(TimeSpan.FromSeconds(5), CancellationToken.None).IsCompletedSuccessfully.ShouldBeTrue("there is a new map");
        network.ReadMap()!.Map.Version.ShouldBe(9);
        lines.ToString().ShouldContain("map 9 is kept again");
    }

    public void Dispose()
    {
        _installation.Dispose();
        _machine.Dispose();
    }

    private static string Write(NetworkMap map) => JsonSerializer.Serialize(map, ElysiumJson.Default.NetworkMap);

    /// <summary>One stream that gives one whole map and ends; what is on disk then, and how often a second map was asked for.</summary>
    private Task<(NetworkMap Held, int Asked)> FollowAsync(int before, int after, string second) => FollowAsync(before, NetworkHistory.MapOf(8, after), second);

    private async Task<(NetworkMap Held, int Asked)> FollowAsync(int before, NetworkMap told, string second)
    {
        var network = _machine.Join(peers: before);
        var stream = $"200 OK\r\nContent-Type: text/event-stream\r\n\r\nevent: map\nid: 8\ndata: {Write(told)}\n\n";
        await using var server = new LoopbackServer(_installation.Server(), line => line.Split(' ')[1] switch
        {
            "/v1/self/events" => stream,
            "/v1/self/map" => second,
            _ => LoopbackServer.Json("""{"version":8}"""),
        });
        BackendTrust.TryRead(_installation.Bundle, _time, out var trust, out var error).ShouldBeTrue(error);
        using var connection = BackendConnection.Verified(server.Url, trust, _time);
        var lines = new StringWriter();
        var log = new AgentLog(lines, _time, verbose: false);
        var held = new HeldMap(network, _time, log);
        var session = new Session(connection, server.Url, Guid.CreateVersion7(_time.GetUtcNow()), held, new StatusBoard(network, _time, log), _time, log);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var run = session.RunAsync(deadline.Token);
        while (!run.IsCompleted && !server.Requests.Any(r => r.StartsWith("GET /v1/self/map ")))
        {
            bool isDoubting;
            lock (lines)
            {
                isDoubting = lines.ToString().Contains("asking again");
            }

            if (isDoubting)
            {
                _time.Advance(TimeSpan.FromSeconds(5));
            }

            await Task.WhenAny(run, Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, deadline.Token));
        }

        (await run).Failure.ShouldBeOfType<Unreachable>();

        server.Requests.ShouldContain(r => r.Contains("Last-Event-ID: 7"));
        var map = network.ReadMap().ShouldNotBeNull().Map;
        held.Version.ShouldBe(map.Version);
        var asked = server.Requests.Where(r => r.StartsWith("GET /v1/self/map ")).ToList();
        asked.ShouldAllBe(r => r.Contains("Cache-Control: no-cache"));
        return (map, asked.Count);
    }
}
