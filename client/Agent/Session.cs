using System.Net.ServerSentEvents;
using System.Text.Json;
using Elysium.Client.Backend;
using Elysium.Client.State;

namespace Elysium.Client.Agent;

/// <summary>How a session ended.</summary>
/// <param name="Failure">Why.</param>
/// <param name="HadItem">Whether it gave at least one item: only then is the next attempt a first one.</param>
/// <param name="RetryAfter">When the backend asked to come back, if it did.</param>
internal sealed record SessionEnd(Failure Failure, bool HadItem, TimeSpan? RetryAfter);

/// <summary>One connection's life: the event stream moves the map, heartbeats run beside it. Whichever ends first ends both.</summary>
internal sealed class Session(
    BackendConnection connection,
    Uri backend,
    Guid id,
    HeldMap held,
    StatusBoard status,
    TimeProvider time,
    AgentLog log)
{
    /// <summary>The backend pings every 15 s; after three missed ones the stream is dead, whatever TCP thinks.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(45);

    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestLag = TimeSpan.FromSeconds(10);

    /// <summary>What made a backend tell a wrong map may last for some seconds; the network works meanwhile, by the old one.</summary>
    private static readonly TimeSpan DoubtFor = TimeSpan.FromSeconds(10);

    private bool _hadItem;
    private SseParser<FeedItem>? _parser;

    public async Task<SessionEnd> RunAsync(CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var firstItem = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var feed = FollowAsync(firstItem, over.Token);
        var heartbeats = BeatAsync(firstItem.Task, over.Token);
        var first = await Task.WhenAny(feed, heartbeats);
        await over.CancelAsync();
        await ((Task)Task.WhenAll(feed, heartbeats)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return new SessionEnd(await first, _hadItem, _parser?.ReconnectionInterval is { Ticks: >= 0 } wait ? wait : null);
    }

    private async Task<Failure> FollowAsync(TaskCompletionSource firstItem, CancellationToken cancellation)
    {
        using var silence = new CancellationTokenSource(LongestSilence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, silence.Token);
        try
        {
            var version = held.Current?.Version.ToString(System.Globalization.CultureInfo.InvariantCulture);
            if (!(await connection.OpenStreamAsync("/v1/self/events", version, either.Token)).Is(out var stream, out var refused))
            {
                return refused;
            }

            await using var opened = stream;
            _parser = SseParser.Create(stream, FeedItem.Read);
            await foreach (var item in _parser.EnumerateAsync(either.Token))
            {
                silence.CancelAfter(LongestSilence);
                if (await MoveMapAsync(item.Data, either.Token) is { } failure)
                {
                    return failure;
                }

                if (!_hadItem)
                {
                    _hadItem = true;
                    log.Connected(backend);
                    firstItem.SetResult();
                }
            }

            return new Unreachable("the backend closed the event stream");
        }
        catch (OperationCanceledException) when (silence.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return new Unreachable($"no sign of life for {LongestSilence.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            return new Unreachable($"the event stream is garbled: {e.Message}");
        }
        catch (Exception e) when (connection.ExplainFailure(e, cancellation) is not null)
        {
            return connection.ExplainFailure(e, cancellation)!;
        }
    }

    private async Task<Failure?> MoveMapAsync(FeedItem item, CancellationToken cancellation)
    {
        switch (item)
        {
            case FeedItem.WholeMap { Map: var told }:
                var map = MapState.Take(told);
                if (held.Current is { } doubting && MapState.IsDoubtful(doubting, map))
                {
                    log.MapDoubted(map.Version, map.Peers.Count, doubting.Peers.Count);
                    await Task.Delay(DoubtFor, time, cancellation);
                    if (!(await connection.GetWholeMapAsync(cancellation)).Is(out var second, out var failure))
                    {
                        return failure;
                    }

                    map = MapState.Take(second);
                }

                if (Hold(map) is { } mismatch)
                {
                    return mismatch;
                }

                break;
            case FeedItem.Changed { Change: var change } when held.Current is { } current:
                if (change.Version > current.Version)
                {
                    Hold(MapState.Apply(current, change));
                }

                break;
            case FeedItem.Changed:
                return new Unreachable("the backend sent a change before the first map");
        }

        status.Item((item as FeedItem.Pinged)?.Ping.StaleSince);
        return null;
    }

    private Unreachable? Hold(NetworkMap map)
    {
        if (held.Current is { } current && (current.Network.Id != map.Network.Id || current.Self.Id != map.Self.Id))
        {
            return new Unreachable("the backend sent the map of another peer");
        }

        held.Hold(map);
        log.MapHeld(map.Version, map.Peers.Count);
        return null;
    }

    private async Task<Failure> BeatAsync(Task firstItem, CancellationToken cancellation)
    {
        await firstItem.WaitAsync(cancellation);
        while (true)
        {
            var answer = await connection.PostAsync(
                "/v1/self/heartbeat",
                new HeartbeatRequest(id, held.Version),
                ElysiumJson.Default.HeartbeatRequest,
                ElysiumJson.Default.HeartbeatResponse,
                null,
                cancellation);
            if (answer.Is(out var heard, out var failure))
            {
                var start = time.GetTimestamp();
                if (heard.Version > held.Version)
                {
                    await Task.Delay(LongestLag, time, cancellation);
                    if (heard.Version > held.Version)
                    {
                        return new Unreachable($"the stream hangs: it gave version {held.Version}, the backend is at {heard.Version}");
                    }
                }

                // A machine that was suspended meanwhile is late already.
                var rest = HeartbeatInterval - time.GetElapsedTime(start);
                await Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, time, cancellation);
            }
            else if (failure is Refusal)
            {
                return failure;
            }
            else
            {
                // The stream decides whether the backend is there; it notices within its own limit.
                log.HeartbeatFailed(failure.Message);
                await Task.Delay(HeartbeatInterval, time, cancellation);
            }
        }
    }
}
