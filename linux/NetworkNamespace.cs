using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Elysium.Linux.Native;
using Microsoft.Win32.SafeHandles;

namespace Elysium.Linux;

/// <summary>A network namespace (network_namespaces(7)), held open; named ones are those of <c>ip netns</c>.</summary>
public sealed class NetworkNamespace : IDisposable
{
    private const string Folder = "/run/netns";
    private const string CallingThread = "/proc/thread-self/ns/net";

    private readonly SafeFileHandle _handle;

    private NetworkNamespace(string? name, string path)
    {
        Name = name;
        _handle = File.OpenHandle(path);
    }

    /// <summary>What tells namespaces apart while they live, such as <c>net:[4026531840]</c>; the numbers are used again afterwards.</summary>
    public string Identity => Run(IdentityOfCurrent);

    /// <summary>Its name under <c>/run/netns</c>; null for one that was not opened by name.</summary>
    public string? Name { get; }

    internal SafeFileHandle Handle => _handle;

    /// <summary>
    /// Makes a namespace with a name, as <c>ip netns add</c> does: it lives until it is deleted, whatever becomes of this program. Its
    /// loopback is down.
    /// </summary>
    /// <exception cref="IOException">The name is taken, or the kernel refuses.</exception>
    public static NetworkNamespace Create(string name)
    {
        var path = PathOf(name);
        ShareFolder();
        File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write).Dispose();
        try
        {
            OnOwnThread(() =>
            {
                Libc.Checked(() => Libc.unshare(Libc.CLONE_NEWNET), "making a network namespace");
                Mounts.Bind(CallingThread, path);
                return true;
            });
            return Open(name);
        }
        catch
        {
            Delete(name);
            throw;
        }
    }

    /// <summary>Makes a namespace without a name: it lives while it has a handle, a process or a socket. Its loopback is down.</summary>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public static NetworkNamespace CreateUnnamed() => OnOwnThread(() =>
    {
        Libc.Checked(() => Libc.unshare(Libc.CLONE_NEWNET), "making a network namespace");
        return Current();
    });

    /// <summary>Opens the namespace of that name.</summary>
    /// <exception cref="IOException">There is none.</exception>
    public static NetworkNamespace Open(string name) => new(name, PathOf(name));

    /// <summary>Opens the calling thread's namespace.</summary>
    public static NetworkNamespace Current() => new(null, CallingThread);

    /// <summary>Opens the namespace that a process is in.</summary>
    /// <exception cref="IOException">There is no such process, or it may not be looked at.</exception>
    public static NetworkNamespace Of(int processId) => new(null, $"/proc/{processId}/ns/net");

    /// <summary>Takes the name away; the namespace goes with its last process and handle. False if there is no such name.</summary>
    public static bool Delete(string name)
    {
        var path = PathOf(name);
        if (!File.Exists(path))
        {
            return false;
        }

        // EINVAL: nothing is mounted there, so somebody was interrupted while making or deleting it. The file goes all the same.
        if (Libc.umount2(path, Libc.MNT_DETACH) < 0 && Marshal.GetLastPInvokeError() is var error and not Errno.EINVAL)
        {
            throw Libc.Failed(error, $"unmounting {path}");
        }

        File.Delete(path);
        return true;
    }

    /// <summary>Whether there is a namespace of that name.</summary>
    public static bool Exists(string name) => File.Exists(PathOf(name));

    /// <summary>Runs something inside, on a thread of its own that ends with it. What it starts and opens stays inside.</summary>
    public T Run<T>(Func<T> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return OnOwnThread(() =>
        {
            Enter();
            return work();
        });
    }

    /// <summary>Runs something inside, on a thread of its own that ends with it.</summary>
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
    /// Starts a program inside: it and its children see this namespace's network, and the file systems that we see. As with <c>setns</c> itself,
    /// <c>/sys</c> goes on to show the links of where it was mounted.
    /// </summary>
    /// <exception cref="System.ComponentModel.Win32Exception">It cannot be started.</exception>
    public Process Start(ProcessStartInfo program)
    {
        ArgumentNullException.ThrowIfNull(program);

        // A child belongs to the namespaces of the thread that forks it.
        return Run(() => Process.Start(program) ?? throw new InvalidOperationException($"{program.FileName} was not started."));
    }

    /// <summary>Closes the handle; the namespace stays while it has a name or a process.</summary>
    public void Dispose() => _handle.Dispose();

    /// <summary>The identity of the calling thread's namespace.</summary>
    internal static string IdentityOfCurrent() => File.ResolveLinkTarget(CallingThread, returnFinalTarget: false)!.Name;

    /// <summary>Moves the calling thread into the namespace for good: only for a thread that ends here.</summary>
    internal void Enter() => Libc.Checked(() => Libc.setns(_handle, Libc.CLONE_NEWNET), $"entering the network namespace {Name}");

    private static string PathOf(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return name.Contains('/') || name is "." or ".." ? throw new ArgumentException($"'{name}' cannot name a namespace.", nameof(name)) : Path.Join(Folder, name);
    }

    // A deleted name must go from every mount namespace, or the network namespace lives on in theirs: iproute2 does the same.
    private static void ShareFolder()
    {
        Directory.CreateDirectory(Folder);
        if (Libc.mount("none", Folder, null, Libc.MS_SHARED | Libc.MS_REC, null) == 0)
        {
            return;
        }

        Libc.Checked(() => Libc.mount(Folder, Folder, null, Libc.MS_BIND | Libc.MS_REC, null), $"binding {Folder} to itself");
        Libc.Checked(() => Libc.mount("none", Folder, null, Libc.MS_SHARED | Libc.MS_REC, null), $"sharing the mounts below {Folder}");
    }

    // A thread that changed its namespace must never go back to a pool.
    private static T OnOwnThread<T>(Func<T> work)
    {
        RuntimeThreads.EnsureStarted();
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = work();
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        })
        { IsBackground = true, Name = "netns" };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }
}
