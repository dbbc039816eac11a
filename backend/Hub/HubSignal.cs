namespace Elysium.Backend.Hub;

/// <summary>Wakes who waits for it; many wakes while it works are one. A wake is ordinary, or urgent: then it also cuts a rest short.</summary>
internal sealed class HubSignal
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _woken = New();
    private TaskCompletionSource _urged = New();

    public void Wake(bool urgent = false)
    {
        lock (_lock)
        {
            _woken.TrySetResult();
            if (urgent)
            {
                _urged.TrySetResult();
            }
        }
    }

    /// <summary>What was told so far is about to be looked at: only what comes from now on wakes again. True: some of it was urgent.</summary>
    public bool Take()
    {
        lock (_lock)
        {
            var urgent = _urged.Task.IsCompleted;
            _woken = _woken.Task.IsCompleted ? New() : _woken;
            _urged = urgent ? New() : _urged;
            return urgent;
        }
    }

    /// <summary>Until a wake since the last <see cref="Take"/>, or until the time is over.</summary>
    public Task WaitAsync(TimeSpan most, TimeProvider time, CancellationToken cancellationToken) => WithinAsync(Current(ref _woken), most, time, cancellationToken);

    /// <summary>Until the time is over, or until an urgent wake since the last <see cref="Take"/>.</summary>
    public Task RestAsync(TimeSpan most, TimeProvider time, CancellationToken cancellationToken) => WithinAsync(Current(ref _urged), most, time, cancellationToken);

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static async Task WithinAsync(Task task, TimeSpan most, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await task.WaitAsync(most, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Nothing came: what it is there for is looked at all the same.
        }
    }

    private Task Current(ref TaskCompletionSource source)
    {
        lock (_lock)
        {
            return source.Task;
        }
    }
}
