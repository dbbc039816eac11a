namespace Elysium.Linux;

/// <summary>
/// A thread that lives inside a network namespace and a mount namespace of its own. Work given to it, and processes that the
/// work starts, see both; the rest of this program sees neither. What it mounts is seen by nobody else and goes with it and its
/// processes. Asynchronous work leaves the thread at its first await: hand it work that ends where it began.
/// </summary>
public sealed class NamespaceThread : IDisposable
{
    private NamespaceThread()
    {
    }

    /// <summary>Starts the thread, enters the namespaces, makes every mount private and runs the set-up (mounts, say).</summary>
    /// <param name="network">The network namespace to enter; null stays in that of the caller.</param>
    /// <param name="setup">Runs first, inside; what it throws is thrown here.</param>
    public static NamespaceThread Start(NetworkNamespace? network, Action? setup = null) => throw new NotImplementedException();

    /// <summary>Runs something on the thread and waits for it; what it throws is thrown here.</summary>
    public T Run<T>(Func<T> work) => throw new NotImplementedException();

    /// <summary>Runs something on the thread and waits for it; what it throws is thrown here.</summary>
    public void Run(Action work) => throw new NotImplementedException();

    /// <summary>Ends the thread after the work that it has; processes started from it go on.</summary>
    public void Dispose() => throw new NotImplementedException();
}
