namespace Elysium.Backend.Maps;

/// <summary>Writes who is connected in batches, every few seconds and once more at the end. A row for each heartbeat would be most of what is written.</summary>
internal sealed partial class PresenceLoop(StreamRegistry registry, PresenceTable table, TimeProvider time, ILogger<PresenceLoop> logger) : BackgroundService
{
    private const int Batch = 500;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LastWord = TimeSpan.FromSeconds(3);

    private bool _failing;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);

        // The listener has ended all streams by now: who reads the table hears of it at once, not in 90 s.
        using var patience = new CancellationTokenSource(LastWord, time);
        await WriteAsync(patience.Token);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            while (true)
            {
                await Task.Delay(Every, time, stoppingToken);
                await WriteAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // StopAsync goes on.
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (registry.Notes(Batch) is { Count: > 0 } notes)
            {
                var outcome = await table.WriteAsync(notes, cancellationToken);
                if (outcome.Refusal is { } refusal)
                {
                    Failed(refusal.Detail, null);
                    return;
                }

                Take(notes, outcome.Value);
                _failing = false;
            }
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Failed(e.Message, e);
        }
        catch (OperationCanceledException)
        {
            // The end; what was not written shows as connected until it is too old.
        }
    }

    private void Take(IReadOnlyList<PresenceNote> notes, IReadOnlyList<Guid> existing)
    {
        var present = existing.ToHashSet();
        foreach (var note in notes)
        {
            if (present.Contains(note.PeerId))
            {
                registry.Told(note);
            }
            else
            {
                // Not a member any more, however that came about.
                registry.Cut(note.PeerId);
            }
        }
    }

    private void Failed(string why, Exception? e)
    {
        if (!_failing)
        {
            _failing = true;
            LogUnwritten(why, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Who is connected cannot be written down, and is kept in memory until it can: {Why}")]
    private partial void LogUnwritten(string why, Exception? exception);
}
