namespace Elysium.Linux;

/// <summary>
/// The userspace engine <c>wireguard-go</c>: one process an interface, in a session of its own, with its output in a file. It
/// survives us and is adopted by the next start; its socket is <c>/var/run/wireguard/NAME.sock</c>, and removing that ends it.
/// </summary>
/// <param name="runDirectory">Where each engine's log is written (<c>NAME.log</c>); made if it is missing.</param>
/// <param name="time">The clock that limits are measured by.</param>
/// <param name="program">The program; a name without a slash is looked up in PATH and the usual sbin folders.</param>
public sealed class WireGuardGo(string runDirectory, TimeProvider time, string program = "wireguard-go")
{
    private readonly object[] _todo = [runDirectory, time, program];

    /// <summary>Starts an engine for the interface unless one runs.</summary>
    /// <returns>Whether one was started; false: it runs already and is adopted.</returns>
    /// <exception cref="WireGuardEngineException">It cannot be.</exception>
    public bool Start(string name, CancellationToken cancellationToken) => throw new NotImplementedException(_todo.ToString());

    /// <summary>Ends the interface's engine and waits until its link is gone; false if there was none.</summary>
    /// <exception cref="WireGuardEngineException">The link is not an engine's, or does not go.</exception>
    public bool Stop(string name, CancellationToken cancellationToken) => throw new NotImplementedException();
}
