using Elysium.Backend.Hub;
using Elysium.Contracts;

namespace Elysium.Backend.Maps;

/// <summary>
/// One network's feed while it has streams: reads each change once, makes one frame of it for all, and keeps the latest of them. At most one
/// frame in 100 ms, but removals at once; when reading takes longer than that, the next frame has what came since.
/// </summary>
internal sealed partial class NetworkFeed(Guid network, MapReader maps, StreamRegistry streams, HubSignal hub, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Coalesce = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SayEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly HashSet<FeedStream> _open = [];
    private readonly HashSet<FeedStream> _lacking = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly HubSignal _signal = new();
    private FeedStream[]? _snapshot;
    private volatile FeedState _state = new(0, 0, []);
    private (FeedState State, DateTimeOffset? Stale, Frame Frame)? _ping;
    private long _observed;
    private long _rungUrgently;
    private bool _wentBack;
    private long _failingSince;
    private long _lackingSince;
    private long _saidAt;

    public Guid Network => network;

    public FeedState State => _state;

    /// <summary>For those who lack more than the ring has.</summary>
    public CatchUp CatchUp { get; } = new(network, maps);

    public Task Work { get; private set; } = Task.CompletedTask;

    /// <summary>When what is told was last known to be all, if that is some time ago; told to every stream.</summary>
    public DateTimeOffset? StaleSince { get; private set; }

    /// <summary>For how long it, or what some stream lacks, could not be read.</summary>
    public TimeSpan Failing
    {
        get
        {
            var (feed, stream) = (Volatile.Read(ref _failingSince), Volatile.Read(ref _lackingSince));
            var since = feed == 0 || stream == 0 ? Math.Max(feed, stream) : Math.Min(feed, stream);
            return since == 0 ? TimeSpan.Zero : time.GetElapsedTime(since);
        }
    }

    /// <summary>Whether changes are known of that could not be read.</summary>
    public bool IsFailing => Volatile.Read(ref _failingSince) != 0;

    /// <summary>Every stream's, as long as nothing changes.</summary>
    public Frame Ping
    {
        get
        {
            lock (_lock)
            {
                if (_ping is not { } ping || ping.State != _state || ping.Stale != StaleSince)
                {
                    var frame = new Frame(Frame.Event(FeedEvents.Ping, null, new FeedPing(_state.Head, StaleSince), ElysiumJson.Default.FeedPing));
                    _ping = ping = (_state, StaleSince, frame);
                }

                return ping.Frame;
            }
        }
    }

    public void Start() => Work = RunAsync(_stop.Token);

    /// <summary>
    /// Ends the loop. What is being read is cancelled elsewhere: to tell a server that does not answer takes Npgsql seconds, in the callback.
    /// </summary>
    public Task StopAsync() => Task.WhenAll(_stop.CancelAsync(), Work);

    public void Add(FeedStream stream)
    {
        lock (_lock)
        {
            _open.Add(stream);
            _snapshot = null;
        }
    }

    /// <summary>Whether it was the last one.</summary>
    public bool Remove(FeedStream stream)
    {
        lock (_lock)
        {
            _open.Remove(stream);
            _snapshot = null;
            Lacks(stream, failed: false);
            return _open.Count == 0;
        }
    }

    /// <summary>What a stream lacks could not be read; or was, or is not wanted any more.</summary>
    public void Lacks(FeedStream stream, bool failed)
    {
        lock (_lock)
        {
            _ = failed ? _lacking.Add(stream) : _lacking.Remove(stream);
            Volatile.Write(ref _lackingSince, _lacking.Count == 0 ? 0 : _lackingSince == 0 ? time.GetTimestamp() : _lackingSince);
        }
    }

    public FeedStream[] Streams()
    {
        lock (_lock)
        {
            return _snapshot ??= [.. _open];
        }
    }

    /// <summary>
    /// Starts at a version at which a stream's peer was a member, unless it has started: whoever is removed later will be named by a change, and
    /// cut. False: it is past that version, and may have cut that peer's streams before this one was there.
    /// </summary>
    public bool Begin(long version)
    {
        bool leads;
        lock (_lock)
        {
            if (_state.Head == 0)
            {
                _state = _state with { Head = version };
                CatchUp.State = _state;

                // What was observed before is news only now.
                _signal.Wake(urgent: true);
            }

            leads = _state.Head <= version;
        }

        Observe(version, urgent: false);
        return leads;
    }

    /// <summary>The network is known to have this version.</summary>
    public void Observe(long version, bool urgent)
    {
        lock (_lock)
        {
            // A removal that the poll or a later join told of first is still one that does not wait.
            if (version <= (urgent ? _state.Head : _observed))
            {
                return;
            }

            _observed = Math.Max(_observed, version);
            _rungUrgently = urgent ? Math.Max(_rungUrgently, version) : _rungUrgently;
        }

        _signal.Wake(urgent);
    }

    /// <summary>The network's version is older than what was told, as after a restored backup: everybody starts over.</summary>
    public void WentBack()
    {
        lock (_lock)
        {
            _wentBack = true;
        }

        _signal.Wake(urgent: true);
    }

    /// <summary>The network is gone.</summary>
    public void End()
    {
        foreach (var stream in Streams())
        {
            stream.End();
        }
    }

    /// <summary>Tells every stream at once since when the database could not be read, or that it can be again.</summary>
    public void Tell(DateTimeOffset? staleSince)
    {
        if (StaleSince is null == staleSince is null)
        {
            return;
        }

        StaleSince = staleSince;
        var all = Streams();
        foreach (var stream in all)
        {
            stream.OweWord();
        }

        Fanout.Wake(all);
    }

    /// <summary>Something could not be read; said once a minute, because every stream may meet it.</summary>
    public void Failed(Exception e)
    {
        var said = Volatile.Read(ref _saidAt);
        if ((said == 0 || time.GetElapsedTime(said) > SayEvery) && Interlocked.CompareExchange(ref _saidAt, time.GetTimestamp(), said) == said)
        {
            LogUnreadable(network, e.GetBaseException().Message);
        }
    }

    private async Task RunAsync(CancellationToken stop)
    {
        await Task.Yield();
        try
        {
            while (true)
            {
                _signal.Take();
                if (!IsBehind())
                {
                    await _signal.WaitAsync(LookEvery, time, stop);
                }
                else if (await TryAdvanceAsync(stop))
                {
                    // In the middle of a burst, let more of it arrive, unless somebody was removed.
                    await _signal.RestAsync(Coalesce, time, stop);
                }
                else
                {
                    await Task.Delay(RetryAfter, time, stop);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The last stream ended.
        }
    }

    private bool IsBehind()
    {
        lock (_lock)
        {
            return _state.Head > 0 && (_observed > _state.Head || _wentBack);
        }
    }

    private async Task<bool> TryAdvanceAsync(CancellationToken stop)
    {
        try
        {
            if (!_wentBack && await maps.ChangesAsync(network, _state.Head, stop) is { } change)
            {
                Publish(change);
            }
            else
            {
                await StartOverAsync(stop);
            }

            if (Interlocked.Exchange(ref _failingSince, 0) != 0)
            {
                LogReadable(network);
            }

            return true;
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            Interlocked.CompareExchange(ref _failingSince, time.GetTimestamp(), 0);
            Failed(e);
            return false;
        }
    }

    private void Publish(ChangeSet change)
    {
        bool urgent;

        // Before anybody can send it, and again when no stream can begin at an older version any more.
        Cut(change.Removed);
        lock (_lock)
        {
            _state = _state.With(change.Frame);
            CatchUp.State = _state;
            urgent = change.Removed.Count > 0 && change.Frame.To > _rungUrgently;
        }

        Cut(change.Removed);
        Fanout.Wake(Streams());
        if (urgent)
        {
            // Made by another backend: nobody here has woken the hub for it.
            hub.Wake(urgent: true);
        }
    }

    private void Cut(IReadOnlyList<Guid> removed)
    {
        foreach (var peer in removed)
        {
            streams.Cut(peer);
        }
    }

    /// <summary>What happened since cannot be told one by one: pruned, or history has changed. Whoever was removed is found by who is still there.</summary>
    private async Task StartOverAsync(CancellationToken stop)
    {
        if (await maps.SharedAsync(network, stop) is not { } read)
        {
            End();
            return;
        }

        // All streams are about to send it: none is to wait for another to compress it.
        read.Map.Bytes(gzip: true);
        lock (_lock)
        {
            _wentBack = false;
            _observed = read.Map.Version;
            _rungUrgently = 0;
            _state = new FeedState(_state.Epoch + 1, read.Map.Version, []);
            CatchUp.StartOver(_state, read.Map);
        }

        var all = Streams();
        foreach (var stream in all.Where(s => !read.Members.Contains(s.PeerId)))
        {
            streams.Cut(stream.PeerId);
        }

        Fanout.Wake(all);
        hub.Wake(urgent: true);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Changes of network {Network} cannot be read, and its streams are told nothing until they can: {Why}")]
    private partial void LogUnreadable(Guid network, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "Changes of network {Network} can be read again")]
    private partial void LogReadable(Guid network);
}
