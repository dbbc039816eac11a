using System.Collections.Concurrent;

namespace Elysium.Benchmarks.Control;

/// <summary>Times how long the last of all streams takes to hear of a marked machine.</summary>
internal sealed class Marks
{
    private readonly ConcurrentDictionary<int, Pending> _pending = new();

    public Pending Expect(int mark, int streams) => _pending[mark] = new Pending(streams);

    /// <summary>One more stream told of it.</summary>
    public void Arrived(int mark)
    {
        if (_pending.TryGetValue(mark, out var pending))
        {
            pending.Arrived();
        }
    }

    public void Forget(int mark) => _pending.TryRemove(mark, out _);

    /// <summary>One change on its way to all streams.</summary>
    internal sealed class Pending(int streams)
    {
        private readonly TaskCompletionSource<long> _everywhere = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _missing = streams;

        /// <summary>The moment at which the last one had it.</summary>
        public Task<long> Everywhere => _everywhere.Task;

        public int Missing => Volatile.Read(ref _missing);

        public void Arrived()
        {
            if (Interlocked.Decrement(ref _missing) == 0)
            {
                _everywhere.SetResult(TimeProvider.System.GetTimestamp());
            }
        }
    }
}
