using Elysium.Linux;

namespace Elysium.Backend.Hub;

/// <summary>
/// Keeps the hub's interfaces as the database says: at start, on every change, and every few seconds, so that what someone breaks by
/// hand heals. When the backend stops, interfaces and engines stay: the tunnels do not need it.
/// </summary>
internal sealed partial class HubLoop(
    HubPlan plan,
    InterfaceReconciler reconciler,
    HubOwnership ownership,
    HubStatus status,
    HubSignal signal,
    TimeProvider time,
    ILogger<HubLoop> logger) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    /// <summary>A burst of joins is one pass, not one each; and a pass over a large network rests longer, so that looking takes at most a fifth of a processor.</summary>
    private static readonly TimeSpan LeastBetween = TimeSpan.FromMilliseconds(50);
    private const int RestPerWork = 4;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Off the start-up path: the API serves while the first engine starts.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var begun = time.GetTimestamp();
                var wanted = await plan.ReadAsync(stoppingToken);
                RemoveOthers(wanted, stoppingToken);
                foreach (var spec in wanted)
                {
                    Reconcile(spec, stoppingToken);
                }

                await Task.Delay(Rest(time.GetElapsedTime(begun)), time, stoppingToken);
                await signal.WaitAsync(LookEvery, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The database cannot be read, say. The interfaces stay as they are, and the next look may succeed.
                LogPassFailed(e);
                await Task.Delay(LookEvery, time, CancellationToken.None);
            }
        }
    }

    private static TimeSpan Rest(TimeSpan worked) => worked * RestPerWork is var rest && rest > LookEvery ? LookEvery : rest > LeastBetween ? rest : LeastBetween;

    private void Reconcile(InterfaceSpec spec, CancellationToken cancellationToken)
    {
        try
        {
            var report = reconciler.Reconcile(spec, cancellationToken);

            // Only now: a name that somebody else holds is refused above, and must never be taken for ours.
            ownership.Claim(spec.Name);
            foreach (var change in report.Changes)
            {
                LogChanged(spec.Name, change);
            }

            Tell(spec.Name, report.Device, report.Problems.Count == 0 ? null : string.Join("; ", report.Problems));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Tell(spec.Name, null, e.Message);
        }
    }

    private void RemoveOthers(IReadOnlyList<InterfaceSpec> wanted, CancellationToken cancellationToken)
    {
        foreach (var name in ownership.Claimed().Where(name => wanted.All(w => w.Name != name)))
        {
            try
            {
                reconciler.Remove(name, cancellationToken);
                ownership.Release(name);
                status.Forget(name);
                LogChanged(name, "removed");
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The other interfaces must not wait for this one: a revocation may be among what they are to hear.
                Tell(name, null, $"cannot be removed: {e.Message}");
            }
        }
    }

    /// <summary>A problem is logged when it comes, changes or goes, not at every look.</summary>
    private void Tell(string name, WireGuard.Device? device, string? problem)
    {
        if (!status.Set(name, device, problem))
        {
            return;
        }

        if (problem is null)
        {
            LogReady(name);
        }
        else
        {
            LogProblem(name, problem);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Interface}: {Change}")]
    private partial void LogChanged(string @interface, string change);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Interface} is as it should be again")]
    private partial void LogReady(string @interface);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Interface}: {Problem}")]
    private partial void LogProblem(string @interface, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "The hub could not be looked after; its interfaces stay as they are")]
    private partial void LogPassFailed(Exception exception);
}
