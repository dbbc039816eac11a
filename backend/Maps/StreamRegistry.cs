using System.Collections.Concurrent;

namespace Elysium.Backend.Maps;

/// <summary>The event streams that are open here, by peer; and when each peer was last heard.</summary>
internal sealed class StreamRegistry(TimeProvider time)
{
    private readonly ConcurrentDictionary<Guid, ConcurrentDictionary<Lease, byte>> _open = new();
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _seen = new();

    public Lease Open(Guid peer)
    {
        Seen(peer);
        var lease = new Lease(this, peer);
        _open.GetOrAdd(peer, static _ => new()).TryAdd(lease, 0);
        return lease;
    }

    public void Seen(Guid peer) => _seen[peer] = time.GetUtcNow();

    public DateTimeOffset? LastSeen(Guid peer) => _seen.TryGetValue(peer, out var at) ? at : null;

    public bool IsConnected(Guid peer) => _open.TryGetValue(peer, out var leases) && !leases.IsEmpty;

    /// <summary>Ends every stream of a peer that is out, and forgets it.</summary>
    public void Cut(Guid peer)
    {
        _seen.TryRemove(peer, out _);
        if (_open.TryRemove(peer, out var leases))
        {
            foreach (var lease in leases.Keys)
            {
                lease.Cut();
            }
        }
    }

    /// <summary>One open stream. A late end of an old one takes nothing from a newer one.</summary>
    internal sealed class Lease(StreamRegistry registry, Guid peer) : IDisposable
    {
        private readonly CancellationTokenSource _cut = new();

        public CancellationToken WhenCut => _cut.Token;

        public void Cut() => _cut.Cancel();

        public void Dispose()
        {
            if (registry._open.TryGetValue(peer, out var leases))
            {
                leases.TryRemove(this, out _);
                registry.Seen(peer);
            }

            // The source is not disposed: it may be cancelled by a revocation at this very moment, and holds nothing but memory.
        }
    }
}
