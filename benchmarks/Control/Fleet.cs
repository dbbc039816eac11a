namespace Elysium.Benchmarks.Control;

/// <summary>The agents that are there: as many as asked for, each with its stream.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private const int AtOnce = 48;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly CancellationTokenSource _over = new();
    private readonly Task _beating;
    private volatile Agent[] _agents = [];

    public Fleet() => _beating = BeatAsync();

    public Tally Tally { get; } = new();

    public Marks Marks { get; } = new();

    public FeedMemo Memo { get; } = new();

    public IReadOnlyList<Agent> Agents => _agents;

    /// <summary>Starts or stops agents, until there are so many; a few at a time, because this is no storm.</summary>
    public async Task ResizeAsync(int count, Func<int, Agent> make, CancellationToken cancellationToken)
    {
        if (count < _agents.Length)
        {
            var leaving = _agents[count..];
            _agents = _agents[..count];
            await Task.WhenAll(leaving.Select(static agent => agent.StopAsync()));
            return;
        }

        while (_agents.Length < count)
        {
            var more = Enumerable.Range(_agents.Length, Math.Min(AtOnce, count - _agents.Length)).Select(make).ToArray();
            foreach (var agent in more)
            {
                agent.Start();
            }

            _agents = [.. _agents, .. more];
            await LiveAsync(more, since: 0, cancellationToken);
        }
    }

    /// <summary>Waits until every agent has had an item since a moment.</summary>
    public Task ReturnAsync(long since, CancellationToken cancellationToken) => LiveAsync(_agents, since, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _beating;
        await Task.WhenAll(_agents.Select(static agent => agent.StopAsync()));
        _over.Dispose();
    }

    private async Task LiveAsync(Agent[] agents, long since, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (agents.Count(agent => !agent.IsLive || agent.ItemAt <= since) is > 0 and var missing)
        {
            if (TimeProvider.System.GetElapsedTime(start) > Limit)
            {
                throw new TimeoutException($"{missing} of {agents.Length} agents have no stream. {Describe()}");
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }

    private string Describe() => string.Join("; ", Tally.TakeFailures().Select(static failure => $"{failure.Value} × {failure.Key}"));

    private async Task BeatAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250), TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(_over.Token))
            {
                await Task.WhenAll(_agents.Where(static agent => agent.IsDue).Select(static agent => agent.BeatAsync()));
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }
}
