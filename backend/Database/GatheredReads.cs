namespace Elysium.Backend.Database;

/// <summary>
/// Look-ups that come while others are under way wait, and all who wait are the next query: thousands that come back at once take two connections and
/// some dozens of queries, instead of one connection each. Whoever gives up leaves; the query goes on for the others.
/// </summary>
/// <param name="read">One query for some keys, each once. What is not in its answer does not exist.</param>
/// <param name="time">The clock.</param>
internal sealed class GatheredReads<TKey, TValue>(Func<IReadOnlyCollection<TKey>, Task<Dictionary<TKey, TValue>>> read, TimeProvider time) : IAsyncDisposable
    where TKey : notnull
    where TValue : class
{
    private const int MostTogether = 1024;

    /// <summary>One that is slow must not hold up all.</summary>
    private const int MostAtOnce = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Queue<Ask> _waiting = new();
    private readonly HashSet<Task> _working = [];

    /// <summary>As the database says at a moment after this call; null: it does not exist.</summary>
    /// <exception cref="UnansweredReadException">It was not this one's turn, or the database did not answer, for as long as anybody should wait.</exception>
    public async Task<TValue?> FindAsync(TKey key, CancellationToken cancellationToken)
    {
        var ask = new Ask(key);
        lock (_lock)
        {
            _waiting.Enqueue(ask);
            if (_working.Count < MostAtOnce)
            {
                Task<Task>? work = null;
                work = new Task<Task>(() => WorkAsync(work!));
                _working.Add(work);
                work.Start(TaskScheduler.Default);
            }
        }

        try
        {
            return await ask.Answer.Task.WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException e) when (!ask.Answer.Task.IsFaulted)
        {
            // On a busy machine the answer may have come by the time that this is heard.
            return ask.Answer.Task.IsCompleted ? await ask.Answer.Task : throw new UnansweredReadException(e);
        }
        finally
        {
            ask.Answer.TrySetResult(null);
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (true)
        {
            Task[] working;
            lock (_lock)
            {
                working = [.. _working];
            }

            if (working.Length == 0)
            {
                return;
            }

            await Task.WhenAll(working.Select(work => ((Task<Task>)work).Unwrap()));
        }
    }

    private async Task WorkAsync(Task self)
    {
        while (Next(self) is { } asks)
        {
            try
            {
                var found = await read(asks.Select(a => a.Key).ToHashSet());
                foreach (var ask in asks)
                {
                    ask.Answer.TrySetResult(found.GetValueOrDefault(ask.Key));
                }
            }
            catch (Exception e)
            {
                foreach (var ask in asks)
                {
                    ask.Answer.TrySetException(e);
                }
            }
        }
    }

    /// <summary>Who is looked up next; null: nobody waits, and this one is done.</summary>
    private List<Ask>? Next(Task self)
    {
        lock (_lock)
        {
            var asks = new List<Ask>();
            while (asks.Count < MostTogether && _waiting.TryDequeue(out var ask))
            {
                if (!ask.Answer.Task.IsCompleted)
                {
                    asks.Add(ask);
                }
            }

            if (asks.Count > 0)
            {
                return asks;
            }

            _working.Remove(self);
            return null;
        }
    }

    private sealed record Ask(TKey Key)
    {
        public TaskCompletionSource<TValue?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>The database did not answer in time, and was asked to change nothing.</summary>
internal sealed class UnansweredReadException(Exception inner) : Exception("The database was too slow to answer.", inner);
