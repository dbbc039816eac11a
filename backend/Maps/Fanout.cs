namespace Elysium.Backend.Maps;

/// <summary>
/// Wakes many streams: some at a time on each of a few threads, which queue up again behind whatever else has come. Thousands of
/// single work items would make every request wait for all of them.
/// </summary>
internal sealed class Fanout(IReadOnlyList<FeedStream> streams) : IThreadPoolWorkItem
{
    private const int Turn = 32;

    private int _next;

    public static void Wake(IReadOnlyList<FeedStream> streams)
    {
        var fanout = new Fanout(streams);
        for (var worker = 0; worker < Environment.ProcessorCount && worker * Turn < streams.Count; worker++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(fanout, preferLocal: false);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        var start = Interlocked.Add(ref _next, Turn) - Turn;
        for (var i = start; i < Math.Min(start + Turn, streams.Count); i++)
        {
            streams[i].WakeHere();
        }

        if (start + Turn < streams.Count)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }
}
