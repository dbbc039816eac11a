using System.Net.Sockets;

namespace Elysium.Linux;

/// <summary>
/// A thread inherits the namespaces of the one that starts it. The runtime starts its threads for sockets (and for pipes to processes), for
/// timers and for its pool at the first use: were that inside a namespace, they would stay there, and keep it alive, for as long as the program runs.
/// </summary>
internal static class RuntimeThreads
{
    private static readonly Lazy<bool> Started = new(Start);

    /// <summary>Called before anything goes into a namespace.</summary>
    public static void EnsureStarted() => _ = Started.Value;

    private static bool Start()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        using var enough = new CancellationTokenSource();
        socket.Bind(new UnixDomainSocketEndPoint($"\0elysium-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}"));
        var waiting = socket.ReceiveAsync(new byte[1], SocketFlags.None, enough.Token).AsTask();
        enough.CancelAfter(TimeSpan.FromMilliseconds(1));
        ((IAsyncResult)waiting).AsyncWaitHandle.WaitOne();
        return true;
    }
}
