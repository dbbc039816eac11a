using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text.Json;
using Elysium.Contracts;

namespace Elysium.Benchmarks.Control;

/// <summary>
/// One agent's session as client/Agent/Session and NetworkWorker hold it: a connection with its own certificate, the event stream from the version
/// it has, heartbeats, and coming back with the same patience.
/// </summary>
internal sealed class Agent(Machine machine, Target target, long version, FeedMemo memo, Marks marks, Tally tally, CancellationToken stopped)
{
    private const double FloorSeconds = 1;
    private const double CapSeconds = 60;
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _over = CancellationTokenSource.CreateLinkedTokenSource(stopped);
    private readonly Guid _session = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
    private readonly SslStreamCertificateContext _identity = machine.Identity();
    private readonly byte[] _heartbeat = Hpack.Request(post: true, target.Authority, "/v1/self/heartbeat", ("content-type", "application/json"));
    private volatile Http2Connection? _connection;
    private byte[]? _unread;
    private long _version = version;
    private long _itemAt;
    private long _beatAt;
    private int _failures;
    private int _lastMark;

    public long Version => Volatile.Read(ref _version);

    public bool IsLive => _connection is not null;

    /// <summary>When its stream gave the first item.</summary>
    public long ItemAt => Volatile.Read(ref _itemAt);

    public Task Running { get; private set; } = Task.CompletedTask;

    public void Start() => Running = RunAsync();

    public async Task StopAsync()
    {
        await _over.CancelAsync();
        await Running;
    }

    /// <summary>Whether it is time for another heartbeat.</summary>
    public bool IsDue => IsLive && TimeProvider.System.GetElapsedTime(Volatile.Read(ref _beatAt)) >= HeartbeatInterval;

    /// <summary>Sends a heartbeat, if it has a stream.</summary>
    public async Task BeatAsync()
    {
        if (_connection is not { } connection)
        {
            return;
        }

        Volatile.Write(ref _beatAt, TimeProvider.System.GetTimestamp());
        try
        {
            await connection.SendAsync(
                _heartbeat,
                JsonSerializer.SerializeToUtf8Bytes(new HeartbeatRequest(_session, Version), ElysiumJson.Default.HeartbeatRequest));
        }
        catch (Exception e) when (IsBroken(e))
        {
            // Its reader finds the same.
        }
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        while (!_over.IsCancellationRequested)
        {
            var before = ItemAt;
            TimeSpan? asked = null;
            try
            {
                asked = await FollowAsync();
            }
            catch (Exception e) when (IsBroken(e))
            {
                tally.Failed(_over.IsCancellationRequested ? null : e);
            }

            var hadItem = ItemAt != before;
            _connection = null;
            _unread = null;
            if (hadItem)
            {
                _failures = 0;
            }

            await Task.Delay(hadItem && asked is { } wait ? wait : Backoff(), TimeProvider.System, _over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Gives when the backend asked to come back.
    private async Task<TimeSpan?> FollowAsync()
    {
        tally.Attempted();
        using var connection = await Http2Connection.OpenAsync(target, _identity, tally.Received, _over.Token);
        using var cut = _over.Token.Register(connection.Dispose);
        var events = await connection.SendAsync(Hpack.Request(
            post: false,
            target.Authority,
            "/v1/self/events",
            ("accept", "text/event-stream"),
            ("accept-encoding", "gzip"),
            ("last-event-id", Version.ToString(CultureInfo.InvariantCulture))));
        TimeSpan? retry = null;
        while (true)
        {
            var frame = await connection.ReadAsync();
            if (frame.Type == FrameType.Headers && Hpack.Status(frame.Payload.Span) is not 200 and var status)
            {
                throw new IOException($"HTTP {status}");
            }

            if (frame.Stream != events)
            {
                continue;
            }

            if (frame.Type == FrameType.Data && Take(frame.Payload.Span) is { } piece)
            {
                Hold(piece);
                retry = piece.Retry ?? retry;
                if (piece.HasItem && _connection is null)
                {
                    Volatile.Write(ref _itemAt, TimeProvider.System.GetTimestamp());
                    _connection = connection;
                    await BeatAsync();
                }
            }

            if (frame.Ends || frame.Type == FrameType.Reset)
            {
                return retry;
            }
        }
    }

    private FeedPiece? Take(ReadOnlySpan<byte> bytes)
    {
        if (_unread is { } before)
        {
            bytes = (byte[])[.. before, .. bytes];
        }

        var piece = memo.Read(bytes);
        _unread = piece is null ? bytes.ToArray() : null;
        return piece;
    }

    private void Hold(FeedPiece piece)
    {
        foreach (var next in piece.Versions)
        {
            if (next < Version)
            {
                tally.WentBack();
            }

            Volatile.Write(ref _version, next);
        }

        // A whole map tells of earlier ones again.
        foreach (var mark in piece.Marks.Where(mark => mark > _lastMark))
        {
            _lastMark = mark;
            marks.Arrived(mark);
        }
    }

    // client/Backend/Backoff.
    private TimeSpan Backoff()
    {
        var ceiling = Math.Min(CapSeconds / FloorSeconds, Math.Pow(2, ++_failures));
        return TimeSpan.FromSeconds(FloorSeconds * (1 + (RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue * (ceiling - 1))));
    }

    private static bool IsBroken(Exception e) =>
        e is IOException or SocketException or AuthenticationException or TimeoutException or OperationCanceledException or ObjectDisposedException;
}
