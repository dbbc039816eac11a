using Elysium.Linux;
using Elysium.WireGuard;

namespace Elysium.Backend.Hub;

/// <summary>
/// Looks after one interface of the hub: when something else is wanted of it, when the kernel tells that it changed, and every few
/// seconds, because WireGuard tells nobody of its peers. Interfaces do not wait for each other: an engine that is stuck holds up its own alone.
/// Peers that come and go are told to the device as they do; a look, which reads all of them, follows when it is due.
/// </summary>
internal sealed partial class HubInterface(string name, InterfaceReconciler reconciler, HubStatus status, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    /// <summary>A burst of joins is one change of the device, not one each.</summary>
    private static readonly TimeSpan LeastBetween = TimeSpan.FromMilliseconds(50);

    /// <summary>A look at a large network rests longer, so that looking takes at most a tenth of a processor.</summary>
    private const int RestPerWork = 9;

    private readonly HubSignal _signal = new();
    private readonly HealingPace _pace = new();
    private readonly WantedInterface _wanted = new();
    private PlannedInterface? _reconciled;
    private bool _heard;

    /// <summary>Says what it should be; null: it should not be. Urgent: someone must no longer be a peer.</summary>
    public void Want(PlannedInterface? wanted, bool urgent)
    {
        if (_wanted.Set(wanted) is (true, var loses))
        {
            // Whoever told of it may have come too late or too early to say that it is urgent, or have been another backend.
            _signal.Wake(urgent || loses);
        }
    }

    /// <summary>The kernel tells of a change: perhaps of this interface.</summary>
    public void Hear(NetworkChange change)
    {
        if (reconciler.IsConcerned(name, change))
        {
            Volatile.Write(ref _heard, true);
            _signal.Wake();
        }
    }

    /// <summary>Until it is removed, or cancelled, which leaves it as it is.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            // When the next look may be, and when it must be.
            var (ended, rest, isLookDue) = (time.GetTimestamp(), TimeSpan.Zero, true);
            while (true)
            {
                var urgent = _signal.Take();
                var steps = _wanted.Take();
                if (steps.Wanted is not { } wanted)
                {
                    if (Remove(cancellationToken) && _wanted.Current is null)
                    {
                        return;
                    }

                    (ended, rest, isLookDue) = (time.GetTimestamp(), Rest(TimeSpan.Zero, healed: false), false);
                }
                else
                {
                    var since = time.GetElapsedTime(ended);
                    isLookDue |= Interlocked.Exchange(ref _heard, false) || !Follow(wanted, steps) || since >= LookEvery + rest;
                    if (isLookDue && (urgent || since >= rest))
                    {
                        var begun = time.GetTimestamp();
                        var healed = Reconcile(wanted, cancellationToken) && ReferenceEquals(wanted, _reconciled);
                        _reconciled = wanted;
                        (ended, rest, isLookDue) = (time.GetTimestamp(), Rest(time.GetElapsedTime(begun), healed), false);
                    }
                }

                await _signal.RestAsync(LeastBetween, time, cancellationToken);
                var left = (isLookDue ? rest : LookEvery + rest) - time.GetElapsedTime(ended);
                if (left > TimeSpan.Zero)
                {
                    await _signal.WaitAsync(left, time, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The tunnels do not need us.
        }
    }

    // A burst of joins is one pass, not one each.
    private TimeSpan Rest(TimeSpan worked, bool healed)
    {
        var rest = worked * RestPerWork < LookEvery ? worked * RestPerWork : LookEvery;
        var pace = _pace.After(healed);
        return rest > pace ? rest : pace;
    }

    /// <summary>Tells the device of peers that came and went since the last time. False: only a look makes it what is wanted.</summary>
    private bool Follow(PlannedInterface wanted, Steps steps)
    {
        if (ReferenceEquals(wanted, _reconciled))
        {
            return true;
        }

        if (wanted.Spec is not { } spec || steps is not { From: { } from, Peers: { } peers } || !ReferenceEquals(from, _reconciled?.Spec))
        {
            return false;
        }

        try
        {
            var changes = reconciler.ChangePeers(from, spec, [.. peers.Values.OfType<PeerSpec>()], [.. peers.Where(p => p.Value is null).Select(p => p.Key)]);
            foreach (var change in changes ?? [])
            {
                LogChanged(name, change);
            }

            _reconciled = changes is null ? _reconciled : wanted;
            return changes is not null;
        }
        catch (Exception e) when (e is WireGuardEngineException or NetlinkException or IOException)
        {
            // The look that follows tells what is wrong.
            return false;
        }
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
    private void Tell(Device? device, string? problem)
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
