using System.Collections.Concurrent;
using System.Net.Sockets;
using Elysium.Linux;

namespace Elysium.Backend.Hub;

/// <summary>
/// Keeps the hub's interfaces as the database says: reads what is wanted at start, on every change and every few seconds, and hands it to
/// one <see cref="HubInterface"/> each. When the backend stops, interfaces and engines stay: the tunnels do not need it.
/// </summary>
internal sealed partial class HubLoop(
    HubPlan plan,
    InterfaceReconciler reconciler,
    HubFirewall firewall,
    HubStatus status,
    HubSignal signal,
    TimeProvider time,
    ILogger<HubLoop> logger) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    /// <summary>A burst of joins is one reading, not one each.</summary>
    private static readonly TimeSpan LeastBetween = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<string, (HubInterface Interface, Task Work)> _interfaces = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Off the start-up path: the API serves while the first engine starts.
        await Task.Yield();
        LogEngine(reconciler.Engine.Description);
        var watch = WatchAsync(stoppingToken);
        try
        {
            while (true)
            {
                var urgent = signal.Take();
                await LookAsync(urgent, stoppingToken);
                await signal.RestAsync(LeastBetween, time, stoppingToken);
                await signal.WaitAsync(LookEvery, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAll([watch, .. _interfaces.Values.Select(i => i.Work)]);
        }
    }

    /// <summary>What others change about an interface heals at once. Without the kernel's word it heals at the next look.</summary>
    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var monitor = NetlinkMonitor.Open(NetworkChangeKinds.Links | NetworkChangeKinds.Addresses | NetworkChangeKinds.Routes);
            await foreach (var change in monitor.ReadAsync(cancellationToken))
            {
                foreach (var (known, _) in _interfaces.Values)
                {
                    known.Hear(change);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end of the backend.
        }
        catch (Exception e) when (e is IOException or NetlinkException or SocketException)
        {
            LogDeaf(e);
        }
    }

    private async Task LookAsync(bool urgent, CancellationToken cancellationToken)
    {
        try
        {
            var wanted = await plan.ReadAsync(cancellationToken);
            firewall.Look(wanted);
            Hand(wanted, urgent, cancellationToken);
            status.Problem = null;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // The database cannot be read, say. The interfaces stay as they were wanted last, and the next look may succeed.
            LogPassFailed(e);
            status.Problem = "what its interfaces should be cannot be read; they stay as they are";
        }
    }

    private void Hand(IReadOnlyList<PlannedInterface> wanted, bool urgent, CancellationToken cancellationToken)
    {
        foreach (var name in _interfaces.Where(i => i.Value.Work.IsCompleted).Select(i => i.Key).ToList())
        {
            _interfaces.TryRemove(name, out _);
        }

        foreach (var planned in wanted)
        {
            Of(planned.Name, planned, cancellationToken).Want(planned, urgent);
        }

        // Those of networks that are gone, also since an earlier life of ours.
        foreach (var name in reconciler.Owned.Union(_interfaces.Keys).Except(wanted.Select(w => w.Name)).ToList())
        {
            Of(name, null, cancellationToken).Want(null, urgent);
        }
    }

    private HubInterface Of(string name, PlannedInterface? first, CancellationToken cancellationToken)
    {
        if (_interfaces.TryGetValue(name, out var known))
        {
            return known.Interface;
        }

        var made = new HubInterface(name, reconciler, status, time, logger);
        made.Want(first, urgent: false);
        _interfaces[name] = (made, made.RunAsync(cancellationToken));
        return made;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The hub's WireGuard: {Engine}")]
    private partial void LogEngine(string engine);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The kernel tells of no changes; the hub's interfaces are only looked at every few seconds")]
    private partial void LogDeaf(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The hub could not be looked after; its interfaces stay as they are")]
    private partial void LogPassFailed(Exception exception);
}
