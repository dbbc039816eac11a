using System.Net.Sockets;

namespace Elysium.Client.Agent;

/// <summary>Keeps the interface what the map asks for: at once on a new map and on a change that the kernel tells of, and every few seconds whatever happened to it.</summary>
internal sealed class InterfaceLoop(
    string interfaceName,
    PrivateKey key,
    HeldMap held,
    InterfaceReconciler reconciler,
    StatusBoard status,
    TimeProvider time,
    AgentLog log)
{
    private static readonly TimeSpan HealInterval = TimeSpan.FromSeconds(5);

    private readonly HubEndpoints _endpoints = new(time, log);
    private readonly HealingPace _pace = new();
    private string? _problem;
    private bool _changed;

    public async Task RunAsync(CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watch = WatchAsync(over.Token);
        try
        {
            NetworkMap? last = null;
            while (true)
            {
                var healed = false;
                if (held.Current is { } map)
                {
                    Report(await ReconcileAsync(map, cancellation));
                    healed = _changed && ReferenceEquals(map, last);
                    last = map;
                }

                await Task.Delay(_pace.After(healed), time, cancellation);
                await held.WaitAsync(HealInterval, cancellation);
            }
        }
        finally
        {
            await over.CancelAsync();
            await watch;
        }
    }

    // What others change heals at once; where the kernel tells nothing, at the next look.
    private async Task WatchAsync(CancellationToken cancellation)
    {
        try
        {
            using var monitor = NetlinkMonitor.Open(NetworkChangeKinds.Links | NetworkChangeKinds.Addresses | NetworkChangeKinds.Routes);
            await foreach (var change in monitor.ReadAsync(cancellation))
            {
                if (reconciler.IsConcerned(interfaceName, change))
                {
                    held.Nudge();
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The loop ended.
        }
        catch (Exception e) when (e is IOException or NetlinkException or SocketException)
        {
            log.KernelSilent(e.Message);
        }
    }

    private async Task<string?> ReconcileAsync(NetworkMap map, CancellationToken cancellation)
    {
        _changed = false;
        try
        {
            _endpoints.Saw(Look());
            var endpoints = await _endpoints.ChooseAsync(map, cancellation);
            if (InterfacePlan.From(map, interfaceName, key, endpoints, out var error) is not { } plan)
            {
                return error;
            }

            var report = reconciler.Reconcile(plan, cancellation);
            _changed = report.Changed;
            if (report.Changed)
            {
                log.InterfaceChanged(interfaceName, report.Changes);
            }

            return report.Problems.Count > 0 ? string.Join("; ", report.Problems) : null;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Also what a map makes no sense of: the feed goes on, and may bring a better one.
            return e.Message;
        }
    }

    // What is wrong with the device is told, or mended, by the pass that follows.
    private Device? Look()
    {
        try
        {
            return reconciler.Read(interfaceName);
        }
        catch (Exception e) when (e is WireGuardEngineException or NetlinkException or IOException)
        {
            return null;
        }
    }

    // Said once, not every five seconds.
    private void Report(string? problem)
    {
        if (problem == _problem)
        {
            return;
        }

        _problem = problem;
        status.Interface(problem);
        if (problem is null)
        {
            log.InterfaceRecovered(interfaceName);
        }
        else
        {
            log.InterfaceFailed(interfaceName, problem);
        }
    }
}
