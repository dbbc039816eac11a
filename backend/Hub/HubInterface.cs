using Elysium.Linux;

namespace Elysium.Backend.Hub;

/// <summary>
/// Looks after one interface of the hub: when something else is wanted of it, when the kernel tells that it changed, and every few
/// seconds, because WireGuard tells nobody of its peers. Interfaces do not wait for each other: an engine that is stuck holds up its own alone.
/// </summary>
internal sealed partial class HubInterface(string name, InterfaceReconciler reconciler, HubStatus status, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    /// <summary>A pass over a large network rests longer, so that looking takes at most a fifth of a processor.</summary>
    private const int RestPerWork = 4;

    private readonly HubSignal _signal = new();
    private readonly HealingPace _pace = new();
    private PlannedInterface? _wanted;
    private PlannedInterface? _reconciled;

    /// <summary>Says what it should be; null: it should not be. Urgent: someone must no longer be a peer.</summary>
    public void Want(PlannedInterface? wanted, bool urgent)
    {
        var before = Interlocked.Exchange(ref _wanted, wanted);
        if (!ReferenceEquals(before, wanted))
        {
            // Whoever told of it may have come too late or too early to say that it is urgent, or have been another backend.
            _signal.Wake(urgent || wanted is null || LosesPeers(before?.Spec, wanted.Spec));
        }
    }

    /// <summary>The kernel tells of a change: perhaps of this interface.</summary>
    public void Hear(NetworkChange change)
    {
        if (reconciler.IsConcerned(name, change))
        {
            _signal.Wake();
        }
    }

    /// <summary>Until it is removed, or cancelled, which leaves it as it is.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            while (true)
            {
                _signal.Take();
                var begun = time.GetTimestamp();
                var healed = false;
                if (Volatile.Read(ref _wanted) is { } wanted)
                {
                    healed = Reconcile(wanted, cancellationToken) && ReferenceEquals(wanted, _reconciled);
                    _reconciled = wanted;
                }
                else if (Remove(cancellationToken) && Volatile.Read(ref _wanted) is null)
                {
                    return;
                }

                await _signal.RestAsync(Rest(time.GetElapsedTime(begun), healed), time, cancellationToken);
                await _signal.WaitAsync(LookEvery, time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The tunnels do not need us.
        }
    }

    private static bool LosesPeers(InterfaceSpec? before, InterfaceSpec? after) =>
        before is not null && after is not null
        && !before.Device.Peers.Select(peer => peer.PublicKey).ToHashSet().IsSubsetOf(after.Device.Peers.Select(peer => peer.PublicKey));

    // A burst of joins is one pass, not one each.
    private TimeSpan Rest(TimeSpan worked, bool healed)
    {
        var rest = worked * RestPerWork < LookEvery ? worked * RestPerWork : LookEvery;
        var pace = _pace.After(healed);
        return rest > pace ? rest : pace;
    }

    // Whether anything was changed.
    private bool Reconcile(PlannedInterface wanted, CancellationToken cancellationToken)
    {
        if (wanted.Spec is not { } spec)
        {
            Tell(null, wanted.Problem);
            return false;
        }

        try
        {
            var report = reconciler.Reconcile(spec, cancellationToken);
            foreach (var change in report.Changes)
            {
                LogChanged(name, change);
            }

            Tell(report.Device, report.Problems.Count == 0 ? null : string.Join("; ", report.Problems));
            return report.Changed;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Tell(null, e.Message);
            return false;
        }
    }

    private bool Remove(CancellationToken cancellationToken)
    {
        try
        {
            if (reconciler.Remove(name, cancellationToken))
            {
                LogChanged(name, "removed");
            }

            status.Forget(name);
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Tell(null, $"cannot be removed: {e.Message}");
            return false;
        }
    }

    /// <summary>A problem is logged when it comes, changes or goes, not at every look.</summary>
    private void Tell(WireGuard.Device? device, string? problem)
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
}
