using System.Collections.Concurrent;

namespace Elysium.Benchmarks.Control;

/// <summary>What all agents of a process count together.</summary>
internal sealed class Tally
{
    private readonly ConcurrentDictionary<string, int> _failures = new();
    private long _received;
    private int _attempts;
    private int _wentBack;

    /// <summary>Bytes that the backend sent them, TLS and its handshakes included.</summary>
    public long Bytes => Interlocked.Read(ref _received);

    public int Attempts => Volatile.Read(ref _attempts);

    /// <summary>How often a stream gave an earlier version than it had.</summary>
    public int Backwards => Volatile.Read(ref _wentBack);

    /// <summary>What went wrong how often, since this was asked last.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> TakeFailures()
    {
        var taken = _failures.ToArray();
        _failures.Clear();
        return taken;
    }

    public void Received(int bytes) => Interlocked.Add(ref _received, bytes);

    public void Attempted() => Interlocked.Increment(ref _attempts);

    public void WentBack() => Interlocked.Increment(ref _wentBack);

    public void Failed(Exception? exception)
    {
        if (exception is not null)
        {
            _failures.AddOrUpdate($"{exception.GetType().Name}: {(exception.InnerException ?? exception).Message}", 1, static (_, n) => n + 1);
        }
    }
}
