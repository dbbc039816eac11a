namespace Elysium.Client.Agent;

/// <summary>Keeps the interface what the map asks for: at once on a new map, and every few seconds whatever happened to it.</summary>
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
    private string? _problem;

    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (held.Current is { } map)
            {
                Report(await ReconcileAsync(map, cancellation));
            }

            await held.WaitAsync(HealInterval, cancellation);
        }
    }

    private async Task<string?> ReconcileAsync(NetworkMap map, CancellationToken cancellation)
    {
        try
        {
            _endpoints.Saw(Look());
            var endpoints = await _endpoints.ChooseAsync(map, cancellation);
            if (InterfacePlan.From(map, interfaceName, key, endpoints, out var error) is not { } plan)
            {
                return error;
            }

            var report = reconciler.Reconcile(plan, cancellation);
            if (report.Changed)
            {
                log.InterfaceChanged(interfaceName, report.Changes);
            }

            return report.Problems.Count > 0 ? string.Join("; ", report.Problems) : null;
        }
        catch (Exception e) when (e is WireGuardEngineException or NetlinkException or IOException or UnauthorizedAccessException)
        {
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
