using System.Threading.Channels;
using Elysium.Client.State;

namespace Elysium.Client.Agent;

/// <summary>
/// The map that one worker goes by, and a bell for whoever builds on it. It is on disk before anybody sees it, unless the disk refuses: what is
/// new is then used all the same, and written when there is room.
/// </summary>
internal sealed class HeldMap(NetworkState state, TimeProvider time, AgentLog log)
{
    private readonly Lock _writing = new();
    private readonly Channel<bool> _bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile NetworkMap? _current = state.ReadMap()?.Map;
    private CachedMap? _unwritten;

    public NetworkMap? Current => _current;

    /// <summary>0: there is none, or only what joining gave, which has no other peers yet.</summary>
    public long Version => _current?.Version ?? 0;

    /// <summary>Replaces the map.</summary>
    public void Hold(NetworkMap map)
    {
        lock (_writing)
        {
            TryWrite(new CachedMap(map, time.GetUtcNow()));
        }

        _current = map;
        _bell.Writer.TryWrite(true);
    }

    /// <summary>Wakes who waits, without a new map: what is built on it may have changed.</summary>
    public void Nudge() => _bell.Writer.TryWrite(true);

    /// <summary>Ends when a new map is held, at a nudge, or when the time is over.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellation)
    {
        lock (_writing)
        {
            if (_unwritten is { } late)
            {
                TryWrite(late);
            }
        }

        using var limit = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            await _bell.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The time is over: what this method promises.
        }
    }

    private void TryWrite(CachedMap map)
    {
        try
        {
            state.WriteMap(map);
            if (_unwritten is not null)
            {
                log.MapWritten(map.Map.Version);
            }

            _unwritten = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Said once, and not at every try.
            if (_unwritten is null)
            {
                log.MapUnwritable(map.Map.Version, e.Message);
            }

            _unwritten = map;
        }
    }
}
