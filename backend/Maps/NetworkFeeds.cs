using System.Collections.Concurrent;
using System.Security.Cryptography;
using Elysium.Backend.Access;
using Elysium.Backend.Hub;

namespace Elysium.Backend.Maps;

/// <summary>
/// The feeds of the networks that have streams here, and the version of every network. Versions come at once from this backend's own changes,
/// and from one query for all networks under whatever rings or does not.
/// </summary>
internal sealed partial class NetworkFeeds(MapReader maps, StreamRegistry registry, HubSignal hub, TimeProvider time, ILogger<NetworkFeeds> logger)
{
    /// <summary>How long the database may be silent before everybody is told.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongestPoll = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeastDrain = TimeSpan.FromSeconds(4);

    /// <summary>Sessions that a backend takes in a second when all come back: each is a TLS handshake with two certificates.</summary>
    private const int SessionsPerSecond = 300;

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, NetworkFeed> _feeds = [];
    private readonly ConcurrentDictionary<Guid, long> _versions = new();
    private readonly List<Task> _ending = [];
    private TimeSpan? _drain;
    private long _readAt = time.GetTimestamp();
    private bool _failing;

    /// <summary>Since when the database could not be read; null: it can be.</summary>
    public DateTimeOffset? StaleSince => time.GetElapsedTime(Volatile.Read(ref _readAt)) is var silent && silent > Patience ? time.GetUtcNow() - silent : null;

    /// <summary>A stream that can be cut from now on; the caller then checks that its peer is still a member.</summary>
    public FeedStream Open(HttpContext http, AuthenticatedPeer peer, bool gzip)
    {
        lock (_lock)
        {
            if (!_feeds.TryGetValue(peer.NetworkId, out var feed))
            {
                feed = _feeds[peer.NetworkId] = new NetworkFeed(peer.NetworkId, maps, registry, hub, time, logger);
                feed.Start();
            }

            var stream = new FeedStream(Guid.CreateVersion7(time.GetUtcNow()), peer.Id, feed, http, gzip, peer.CertificateNotAfter, time);
            feed.Add(stream);
            registry.Open(stream);
            if (_drain is { } window)
            {
                stream.Drain(Farewell(window));
            }

            return stream;
        }
    }

    /// <summary>
    /// Has the stream's feed lead on from a version at which the stream's peer was a member. False: the network is past that, so that the peer's removal
    /// may have been told before there was this stream to cut.
    /// </summary>
    public bool Begin(FeedStream stream, long version) =>
        stream.Feed.Begin(version) && (!_versions.TryGetValue(stream.Feed.Network, out var known) || known <= version);

    public void Close(FeedStream stream)
    {
        stream.Release();
        registry.Close(stream);
        lock (_lock)
        {
            if (stream.Feed.Remove(stream))
            {
                _feeds.Remove(stream.Feed.Network);
                _ending.RemoveAll(t => t.IsCompleted);
                _ending.Add(stream.Feed.StopAsync());
            }
        }
    }

    /// <summary>A change was committed here.</summary>
    public void Ring(Change change, bool urgent)
    {
        if (change.NetworkDeleted)
        {
            _versions.TryRemove(change.NetworkId, out _);
            FeedOf(change.NetworkId)?.End();
            return;
        }

        _versions.AddOrUpdate(change.NetworkId, change.Version, (_, known) => Math.Max(known, change.Version));
        FeedOf(change.NetworkId)?.Observe(change.Version, urgent);
    }

    /// <summary>
    /// The network's version, if that is known without asking the database; what its streams were told, while more than that cannot be: who asks
    /// would think that its stream hangs.
    /// </summary>
    public long? VersionOf(Guid network) => FeedOf(network) is { IsFailing: true, State.Head: > 0 and var told } ? told
        : StaleSince is null && _versions.TryGetValue(network, out var version) ? version
        : null;

    /// <summary>A whole map's shared part, not older than a version; null when the network is gone.</summary>
    public async Task<WholeMap?> WholeAsync(Guid network, long atLeast, bool fresh, CancellationToken cancellationToken) => FeedOf(network) is { } feed
        ? await feed.CatchUp.WholeAsync(atLeast, fresh).WaitAsync(cancellationToken)
        : (await maps.SharedAsync(network, cancellationToken))?.Map;

    /// <summary>Looks at the version of every network, which finds what other backends changed and whatever rang unheard.</summary>
    public async Task PollAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var patience = new CancellationTokenSource(LongestPoll, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
            var started = time.GetTimestamp();
            var before = _versions.ToDictionary();
            var feeds = Feeds().ToDictionary(f => f.Network, f => (Feed: f, f.State.Head));
            Compare(before, feeds, await maps.VersionsAsync(either.Token));
            Volatile.Write(ref _readAt, started);
            Tell();
            if (_failing)
            {
                _failing = false;
                LogReadable();
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            if (!_failing)
            {
                _failing = true;
                LogUnreadable(e.GetBaseException().Message);
            }
        }
    }

    /// <summary>Once a second, for all streams.</summary>
    public void Tick()
    {
        Tell();
        foreach (var feed in Feeds())
        {
            foreach (var stream in feed.Streams())
            {
                stream.Tick();
            }
        }
    }

    /// <summary>The backend stops: every reader is told its own moment to come back, in a window that grows with their number.</summary>
    public void Drain()
    {
        List<FeedStream> all;
        TimeSpan window;
        lock (_lock)
        {
            all = [.. _feeds.Values.SelectMany(f => f.Streams())];
            var needed = TimeSpan.FromSeconds((double)all.Count / SessionsPerSecond);
            _drain = window = needed > LeastDrain ? needed : LeastDrain;
        }

        foreach (var stream in all)
        {
            stream.Drain(Farewell(window));
        }
    }

    /// <summary>Ends what runs here.</summary>
    public Task StopAsync()
    {
        lock (_lock)
        {
            _ending.AddRange(_feeds.Values.Select(f => f.StopAsync()));
            return Task.WhenAll(_ending);
        }
    }

    private void Compare(Dictionary<Guid, long> before, Dictionary<Guid, (NetworkFeed Feed, long Head)> feeds, Dictionary<Guid, long> now)
    {
        var moved = false;
        foreach (var (network, version) in now)
        {
            // What came up to the query counts; what was rung while it ran may be newer than its answer.
            var known = before.GetValueOrDefault(network);
            var head = feeds.TryGetValue(network, out var open) ? open.Head : 0;
            if (version < Math.Max(known, head))
            {
                _versions[network] = version;
                open.Feed?.WentBack();
                moved = true;
                continue;
            }

            moved |= version > known;
            _versions.AddOrUpdate(network, version, (_, rung) => Math.Max(rung, version));
            FeedOf(network)?.Observe(version, urgent: false);
        }

        foreach (var network in before.Keys.Except(now.Keys))
        {
            _versions.TryRemove(network, out _);
            moved = true;
        }

        foreach (var (network, open) in feeds)
        {
            if (!now.ContainsKey(network))
            {
                open.Feed.End();
            }
        }

        if (moved)
        {
            hub.Wake();
        }
    }

    private void Tell()
    {
        var stale = StaleSince;
        foreach (var feed in Feeds())
        {
            feed.Tell(stale ?? (feed.Failing is var failing && failing > Patience ? time.GetUtcNow() - failing : null));
        }
    }

    /// <summary>Null: it has no streams here.</summary>
    public NetworkFeed? FeedOf(Guid network)
    {
        lock (_lock)
        {
            return _feeds.GetValueOrDefault(network);
        }
    }

    private NetworkFeed[] Feeds()
    {
        lock (_lock)
        {
            return [.. _feeds.Values];
        }
    }

    private static Frame Farewell(TimeSpan window) =>
        Frame.Retry(TimeSpan.FromSeconds(1) + TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32((int)window.TotalMilliseconds)));

    [LoggerMessage(Level = LogLevel.Error, Message = "The versions of the networks cannot be read; streams stay open and are told since when: {Why}")]
    private partial void LogUnreadable(string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "The versions of the networks can be read again")]
    private partial void LogReadable();
}
