using Elysium.WireGuard;

namespace Elysium.Linux;

/// <summary>
/// Makes interfaces what they should be, whatever happened to them, and touches only what differs. Works in the network namespace
/// of the thread that made it, and must be called from threads of that namespace. Calls go one after the other; each is bounded in
/// time (a few seconds when an engine must start, milliseconds otherwise).
/// </summary>
/// <param name="engine">What runs the interfaces.</param>
public sealed class InterfaceReconciler(WireGuardGo engine) : IDisposable
{
    private readonly WireGuardGo _engine = engine;

    /// <summary>Compares an interface with what it should be, and changes the difference.</summary>
    /// <exception cref="WireGuardEngineException">The engine cannot run the interface; the reason says why.</exception>
    /// <exception cref="NetlinkException">The kernel refused a change.</exception>
    public ReconcileReport Reconcile(InterfaceSpec spec, CancellationToken cancellationToken) => throw new NotImplementedException(_engine.ToString());

    /// <summary>Removes an interface and ends its engine; false if there was none.</summary>
    /// <exception cref="WireGuardEngineException">A link of that name is not ours, or does not go.</exception>
    public bool Remove(string name, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The device as it is now; null if there is none that answers.</summary>
    public Device? Read(string name) => throw new NotImplementedException();

    /// <summary>Closes what it holds; interfaces and engines go on.</summary>
    public void Dispose() => throw new NotImplementedException();
}
