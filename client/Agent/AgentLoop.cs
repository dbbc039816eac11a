using System.Text.Json;
using Elysium.Client.State;

namespace Elysium.Client.Agent;

/// <summary>
/// Watches the state directory and keeps one worker for every network that this machine is in, whether it was joined before or while
/// the agent runs. Alone decides about a worker's beginning and end, and about what its end means for the interface.
/// </summary>
internal sealed class AgentLoop(StateDirectory state, Func<InterfaceReconciler> reconcilers, TimeProvider time, AgentLog log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(10);

    private readonly Dictionary<Guid, ServedNetwork> _served = [];
    private readonly Dictionary<Guid, long> _failedAt = [];
    private readonly HashSet<Guid> _servedElsewhere = [];
    private readonly HashSet<string> _damaged = [];
    private string? _stateProblem;
    private bool _isWhole;

    /// <summary>Runs until it is cancelled, which leaves every interface as it is.</summary>
    /// <param name="endWithLast">End when no network is left to serve; otherwise wait for the next join.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task RunAsync(bool endWithLast, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                foreach (var served in _served.Values.ToList())
                {
                    await AttendAsync(served, cancellation);
                }

                var networks = ReadNetworks();
                foreach (var network in networks ?? [])
                {
                    Serve(network, cancellation);
                }

                if (endWithLast && _served.Count == 0 && networks is [] && _isWhole)
                {
                    return;
                }

                await Task.Delay(Interval, time, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            log.Stopping();
        }
        finally
        {
            foreach (var served in _served.Values)
            {
                await served.StopAsync();
                served.Dispose();
            }
        }
    }

    /// <summary>Those to serve; null while the directory cannot be read, which ends nothing.</summary>
    private IReadOnlyList<NetworkState>? ReadNetworks()
    {
        try
        {
            _isWhole = true;
            IReadOnlyList<NetworkState> networks = [.. state.Networks(Damaged).Where(static n => !n.IsLeft && n.ReadRevocation() is null)];
            _stateProblem = null;
            return networks;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            if (_stateProblem != e.Message)
            {
                _stateProblem = e.Message;
                log.StateUnreadable(e.Message);
            }

            return null;
        }
    }

    /// <summary>Said once. The network is not served, and the others are.</summary>
    private void Damaged(string what)
    {
        _isWhole = false;
        if (_damaged.Add(what))
        {
            log.StateUnreadable(what);
        }
    }

    private void Serve(NetworkState network, CancellationToken cancellation)
    {
        var id = network.Record.Id;
        if (_served.ContainsKey(id) || (_failedAt.TryGetValue(id, out var failed) && time.GetElapsedTime(failed) < RestartDelay))
        {
            return;
        }

        var itsLog = log.For(network.Record.Name);
        FileLock? servingLock = null;
        try
        {
            servingLock = network.TryServe();
            if (servingLock is not null)
            {
                _servedElsewhere.Remove(id);
                _served[id] = ServedNetwork.Start(network, servingLock, reconcilers, time, itsLog, cancellation);
            }
            else if (_servedElsewhere.Add(id))
            {
                itsLog.ServedElsewhere();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidDataException)
        {
            // This network's trouble, not the others'.
            servingLock?.Dispose();
            itsLog.WorkerFailed(e);
            _failedAt[id] = time.GetTimestamp();
        }
    }

    private async Task AttendAsync(ServedNetwork served, CancellationToken cancellation)
    {
        var network = served.Network;
        if (network.IsLeft || network.IsGone())
        {
            await served.StopAsync();
            if (served.TryRemoveInterface(cancellation))
            {
                served.Log.Left();
                Release(served);
            }

            return;
        }

        if (!served.Worker.IsCompleted)
        {
            return;
        }

        if (served.Worker.IsCompletedSuccessfully)
        {
            // The interface first: killed in between, the next start hears the same word again and removes it then.
            var reason = (await served.Worker).Message;
            if (served.TryRemoveInterface(cancellation) && served.TryWriteRevocation(reason, time.GetUtcNow()))
            {
                served.Log.Revoked(reason);
                Release(served);
            }
        }
        else if (served.Worker.Exception is { } failure)
        {
            served.Log.WorkerFailed(failure.InnerException ?? failure);
            _failedAt[network.Record.Id] = time.GetTimestamp();
            Release(served);
        }
    }

    private void Release(ServedNetwork served)
    {
        _served.Remove(served.Network.Record.Id);
        served.Dispose();
    }
}
