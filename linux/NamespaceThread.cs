using System.Collections.Concurrent;
using Elysium.Linux.Native;

namespace Elysium.Linux;

/// <summary>
/// A thread that lives inside a network namespace and a mount namespace of its own. Work given to it, and processes that the
/// work starts, see both; the rest of this program sees neither. What it mounts is seen by nobody else and goes with it and its
/// processes. Asynchronous work leaves the thread at its first await: hand it work that ends where it began.
/// </summary>
/// <remarks>
/// A thread inherits the namespaces of the thread that starts it, and the runtime's pool starts threads wherever somebody gives it work: after
/// work inside that used the pool, some of the program's own threads may be inside for good. What must be elsewhere says so, with
/// <see cref="NetworkNamespace.Run(Action)"/> of the namespace that it means.
/// </remarks>
public sealed class NamespaceThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;
    private volatile bool _disposed;

    private NamespaceThread(string? name)
    {
        _thread = new Thread(Work) { IsBackground = true, Name = $"netns {name}" };
        _thread.Start();
    }

    /// <summary>Starts the thread, enters the namespaces, makes every mount private and runs the set-up (mounts, say).</summary>
    /// <param name="network">The network namespace to enter; null stays in that of the caller.</param>
    /// <param name="setup">Runs first, inside; what it throws is thrown here.</param>
    public static NamespaceThread Start(NetworkNamespace? network, Action? setup = null)
    {
        RuntimeThreads.EnsureStarted();
        var thread = new NamespaceThread(network?.Name);
        try
        {
            thread.Run(() =>
            {
                network?.Enter();

                // A mount namespace of one thread needs a root and working directory of its own: CLONE_FS, which CLONE_NEWNS implies.
                Libc.Checked(() => Libc.unshare(Libc.CLONE_NEWNS | Libc.CLONE_FS), "making a mount namespace");
                Mounts.MakePrivate("/");
                setup?.Invoke();
            });
            return thread;
        }
        catch
        {
            thread.Dispose();
            throw;
        }
    }

    /// <summary>Runs something on the thread and waits for it; what it throws is thrown here.</summary>
    /// <exception cref="InvalidOperationException">The thread was disposed of (an <see cref="ObjectDisposedException"/>, or just now).</exception>
    public T Run<T>(Func<T> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (Thread.CurrentThread == _thread)
        {
            return work();
        }

        ObjectDisposedException.ThrowIf(_disposed, this);
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        });
        return done.Task.GetAwaiter().GetResult();
    }

    /// <summary>Runs something on the thread and waits for it; what it throws is thrown here.</summary>
    public void Run(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        Run(() =>
        {
            work();
            return true;
        });
    }

    /// <summary>
    /// Ends the thread after the work that it has, and waits for that, unless it is called on the thread itself; processes started from it go on.
    /// </summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _work.CompleteAdding();
        }

        // A thread cannot wait for its own end. Nobody disposes of the queue: it holds memory only, and others may be at it.
        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }
    }

    private void Work()
    {
        foreach (var action in _work.GetConsumingEnumerable())
        {
            action();
        }
    }
}
