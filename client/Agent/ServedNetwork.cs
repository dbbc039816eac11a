using Elysium.Client.Backend;
using Elysium.Client.State;

namespace Elysium.Client.Agent;

/// <summary>A worker at work, with what it holds: the network's lock, its reconciler, the way to stop it.</summary>
internal sealed class ServedNetwork : IDisposable
{
    private readonly FileLock _lock;
    private readonly InterfaceReconciler _reconciler;
    private readonly CancellationTokenSource _stop;
    private string? _removalProblem;
    private string? _revocationProblem;

    private ServedNetwork(
        NetworkState network,
        FileLock servingLock,
        InterfaceReconciler reconciler,
        CancellationTokenSource stop,
        Task<Refusal> worker,
        AgentLog log)
    {
        Network = network;
        Worker = worker;
        Log = log;
        _lock = servingLock;
        _reconciler = reconciler;
        _stop = stop;
    }

    public NetworkState Network { get; }

    public AgentLog Log { get; }

    /// <summary>Gives the backend's final word; is cancelled when it was stopped.</summary>
    public Task<Refusal> Worker { get; }

    public static ServedNetwork Start(
        NetworkState network,
        FileLock servingLock,
        Func<InterfaceReconciler> reconcilers,
        TimeProvider time,
        AgentLog log,
        CancellationToken cancellation)
    {
        var reconciler = reconcilers();
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var worker = new NetworkWorker(network, reconciler, time, log).RunAsync(stop.Token);
        return new ServedNetwork(network, servingLock, reconciler, stop, worker, log);
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await ((Task)Worker).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>False: it is still there; the next round tries again.</summary>
    public bool TryRemoveInterface(CancellationToken cancellation)
    {
        var name = Network.Record.Interface;
        try
        {
            _reconciler.Remove(name, cancellation);
            return true;
        }
        catch (Exception e) when (e is WireGuardEngineException or NetlinkException or IOException or UnauthorizedAccessException)
        {
            if (_removalProblem != e.Message)
            {
                _removalProblem = e.Message;
                Log.RemovalFailed(name, e.Message);
            }

            return false;
        }
    }

    /// <summary>False: it is not on disk; the next round tries again.</summary>
    public bool TryWriteRevocation(string reason, DateTimeOffset now)
    {
        try
        {
            Network.WriteRevocation(new Revocation(reason, now));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_revocationProblem != e.Message)
            {
                _revocationProblem = e.Message;
                Log.RevocationUnwritten(reason, e.Message);
            }

            return false;
        }
    }

    public void Dispose()
    {
        _lock.Dispose();
        _reconciler.Dispose();
        _stop.Dispose();
    }
}
