using System.Threading.Channels;
using Elysium.Client.State;

namespace Elysium.Client.Agent;

/// <summary>The map that one worker goes by, on disk before anybody sees it; and a bell for whoever builds on it.</summary>
internal sealed class HeldMap(NetworkState state, TimeProvider time)
{
    private readonly Channel<bool> _bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile NetworkMap? _current = state.ReadMap()?.Map;

    public NetworkMap? Current => _current;

    public long Version => _current?.Version ?? 0;

    /// <summary>Replaces the map.</summary>
    /// <exception cref="IOException">It could not be written; the old one stays.</exception>
    public void Hold(NetworkMap map)
    {
        state.WriteMap(new CachedMap(map, time.GetUtcNow()));
        _current = map;
        _bell.Writer.TryWrite(true);
    }

    /// <summary>Wakes who waits, without a new map: what is built on it may have changed.</summary>
    public void Nudge() => _bell.Writer.TryWrite(true);

    /// <summary>Ends when a new map is held, at a nudge, or when the time is over.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellation)
    {
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
}
