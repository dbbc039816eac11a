using System.Collections.Concurrent;

namespace Elysium.Backend.Maps;

/// <summary>
/// Notices when one identity runs twice, as after a cloned disk image: two sessions take turns. It is told, not fought: neither is cut
/// off, because nobody here can know which one is meant.
/// </summary>
internal sealed partial class AgentSessions(TimeProvider time, ILogger<AgentSessions> logger)
{
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<Guid, Seen> _seen = new();
    private long _sweptAt = time.GetTimestamp();

    /// <summary>Of how many peers it knows.</summary>
    public int Count => _seen.Count;

    /// <summary>Whether this heartbeat shows that the peer runs twice.</summary>
    public bool Heard(Guid peer, string name, Guid session)
    {
        var now = time.GetUtcNow();
        Sweep(now);
        var before = _seen.GetValueOrDefault(peer);
        if (before?.Session == session)
        {
            _seen[peer] = before with { At = now };
            return false;
        }

        // A restarted agent has a new session, and the old one is never heard again. A clone's comes back.
        var twice = before?.Earlier == session && now - before.At < Memory;
        _seen[peer] = new Seen(session, before?.Session, now);
        if (twice)
        {
            LogTwice(name, peer);
        }

        return twice;
    }

    public void Forget(Guid peer) => _seen.TryRemove(peer, out _);

    /// <summary>Now and then: those that are silent for too long are not two.</summary>
    private void Sweep(DateTimeOffset now)
    {
        var swept = Volatile.Read(ref _sweptAt);
        if (time.GetElapsedTime(swept) < Memory || Interlocked.CompareExchange(ref _sweptAt, time.GetTimestamp(), swept) != swept)
        {
            return;
        }

        foreach (var old in _seen.Where(s => now - s.Value.At >= Memory))
        {
            _seen.TryRemove(old);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Peer {Name} ({Peer}) runs on two machines at once; was its disk cloned? Revoke it and join both with new keys")]
    private partial void LogTwice(string name, Guid peer);

    private sealed record Seen(Guid Session, Guid? Earlier, DateTimeOffset At);
}
