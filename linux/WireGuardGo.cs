using System.Collections.Concurrent;
using System.Text;
using Elysium.Linux.Native;
using Elysium.WireGuard;

namespace Elysium.Linux;

/// <summary>
/// The userspace engine <c>wireguard-go</c>: one process an interface, in a session of its own, with its output in a file. It
/// survives us and is adopted by the next start; its socket is <c>/var/run/wireguard/NAME.sock</c>, and removing that ends it.
/// </summary>
/// <param name="runDirectory">Where each engine's log is written (<c>NAME.log</c>); made if it is missing.</param>
/// <param name="time">The clock that limits are measured by.</param>
/// <param name="program">The program; a name without a slash is looked up in PATH and the usual sbin folders.</param>
public sealed class WireGuardGo(string runDirectory, TimeProvider time, string program = "wireguard-go") : IWireGuardEngine
{
    private const int LogTail = 500;
    private const int LongestLog = 1024 * 1024;
    private const string TunKind = "tun";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    // An engine whose link was deleted needs a moment to notice and to take its socket away.
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(2);

    private readonly UserspaceWireGuard _devices = new(time);
    private readonly ConcurrentDictionary<string, int> _children = new();

    /// <inheritdoc/>
    public string Description => $"userspace ({Path.GetFileName(program)})";

    /// <inheritdoc/>
    public IReadOnlyList<string> List() => _devices.List();

    /// <inheritdoc/>
    public Device? Get(string name) => _devices.Get(name);

    /// <inheritdoc/>
    public void Apply(string name, DeviceUpdate update)
    {
        ArgumentNullException.ThrowIfNull(update);
        if (update.ListenPort is { } port and not 0)
        {
            PortProbe.ThrowIfTaken(name, port, () => _devices.Get(name)?.ListenPort);
        }

        _devices.Apply(name, update);
    }

    /// <inheritdoc/>
    public bool Start(string name, CancellationToken cancellationToken)
    {
        Reap();
        var socket = UserspaceWireGuard.SocketOf(name);
        using var netlink = RouteNetlink.Open();

        // 1. One that runs is adopted. One that is just ending shows only its link or only its socket for a moment.
        Link? link = null;
        var answers = false;
        Poll.Until(
            () =>
            {
                link = netlink.FindLink(name);
                answers = _devices.Listens(name);
                return link is not null == answers;
            },
            EndLimit,
            time,
            cancellationToken);

        // 2. A name that somebody else has is left alone.
        if (link is not null && (!answers || link.Kind != TunKind))
        {
            throw new WireGuardEngineException(
                EngineFailure.ForeignLink,
                $"There is a link {name} already (kind {link.Kind ?? "unknown"}), and no WireGuard engine runs it. Remove the link, or choose another name.");
        }

        if (link is null && answers)
        {
            throw new WireGuardEngineException(
                EngineFailure.ForeignEngine,
                $"A WireGuard engine answers on {socket}, but its link {name} is not here: it was renamed or is in another network namespace. End that engine, or choose another name.");
        }

        if (link is not null)
        {
            CutLog(LogOf(name));
            return false;
        }

        // 3. A socket without an engine is what a killed one left behind; so may be a zombie.
        RemoveSocket(socket);
        AwaitEnd(name, cancellationToken);
        Launch(name, EnginePreconditions.Check(program), netlink, cancellationToken);
        return true;
    }

    /// <inheritdoc/>
    public bool Stop(string name, CancellationToken cancellationToken)
    {
        var socket = UserspaceWireGuard.SocketOf(name);
        using var netlink = RouteNetlink.Open();
        var answers = _devices.Listens(name);
        if (netlink.FindLink(name) is null)
        {
            // With an answer it is the engine of another namespace, or one that is just ending: not ours to end.
            if (!answers)
            {
                RemoveSocket(socket);
                AwaitEnd(name, cancellationToken);
            }

            return false;
        }

        if (!answers)
        {
            throw new WireGuardEngineException(EngineFailure.ForeignLink, $"No WireGuard engine answers for the link {name}: it is not ours to remove.");
        }

        RemoveSocket(socket);
        var gone = Poll.Until(() => netlink.FindLink(name) is null, StopLimit, time, cancellationToken);
        if (!gone && _children.TryGetValue(name, out var pid))
        {
            _ = Libc.kill(pid, Libc.SIGTERM);
            gone = Poll.Until(() => netlink.FindLink(name) is null, EndLimit, time, cancellationToken);
        }

        if (!gone)
        {
            throw new WireGuardEngineException(EngineFailure.NotAnswering, $"The engine of {name} did not end within {StopLimit.TotalSeconds} s after its socket was removed.");
        }

        AwaitEnd(name, cancellationToken);
        return true;
    }

    // The first engine of a machine makes the folder: before that, File.Delete would throw.
    private static void RemoveSocket(string socket)
    {
        if (File.Exists(socket))
        {
            File.Delete(socket);
        }
    }

    // An engine of ours ends by itself when its link or socket is gone; one that does not is told to.
    private void AwaitEnd(string name, CancellationToken cancellationToken)
    {
        if (_children.TryGetValue(name, out var pid) && !Poll.Until(() => HasEnded(name, pid), EndLimit, time, cancellationToken))
        {
            _ = Libc.kill(pid, Libc.SIGTERM);
        }
    }

    private void Launch(string name, string path, RouteNetlink netlink, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(runDirectory);
        var log = LogOf(name);

        // Nothing of our own environment: it may hold secrets, and an engine needs none of it.
        var pid = Spawn.Detached(path, ["-f", name], ["LOG_LEVEL=error", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"], log);
        _children[name] = pid;
        var exited = false;
        var ready = Poll.Until(
            () =>
            {
                exited = HasEnded(name, pid);
                return exited || (_devices.Listens(name) && netlink.FindLink(name) is not null);
            },
            StartLimit,
            time,
            cancellationToken);
        if (exited)
        {
            throw new WireGuardEngineException(EngineFailure.Exited, $"{program} ended at once when started for {name}. It said: {Tail(log)}");
        }

        if (!ready)
        {
            _ = Libc.kill(pid, Libc.SIGTERM);
            throw new WireGuardEngineException(
                EngineFailure.NotAnswering,
                $"{program} did not answer for {name} within {StartLimit.TotalSeconds} s. It said: {Tail(log)}");
        }
    }

    // Interfaces are looked after side by side: whoever comes first waits for an engine that ended, and the others see that it is gone.
    private bool HasEnded(string name, int pid)
    {
        Reap();
        return !_children.TryGetValue(name, out var now) || now != pid;
    }

    // Takes away what is left of engines that we started and that ended.
    private void Reap()
    {
        foreach (var child in _children)
        {
            // ECHILD: somebody else has waited for it. Gone either way.
            if (Libc.waitpid(child.Value, out _, Libc.WNOHANG) != 0)
            {
                _children.TryRemove(child);
            }
        }
    }

    private string LogOf(string name) => Path.Join(runDirectory, $"{name}.log");

    // A peer out of reach costs a line every few seconds, for as long as the engine lives. It appends, so it goes on at the new end.
    private static void CutLog(string log)
    {
        if (new FileInfo(log) is { Exists: true, Length: > LongestLog })
        {
            File.Open(log, FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite).Dispose();
        }
    }

    private static string Tail(string log)
    {
        try
        {
            var text = File.ReadAllText(log, Encoding.UTF8).Trim();
            return text.Length == 0 ? "nothing" : text.Length > LogTail ? "…" + text[^LogTail..] : text;
        }
        catch (IOException exception)
        {
            return $"(its log cannot be read: {exception.Message})";
        }
    }
}
