using System.Net.Sockets;
using Elysium.WireGuard;

namespace Elysium.Linux;

/// <summary>
/// Reads and changes devices of any userspace engine through its UAPI socket, <c>/var/run/wireguard/NAME.sock</c>. Every exchange is
/// limited to 5 s: an engine that is stuck or trickles is an error, not a hang.
/// </summary>
/// <param name="time">The clock that the limit is measured by.</param>
public sealed class UserspaceWireGuard(TimeProvider time) : IWireGuardDevices
{
    private const string Folder = "/var/run/wireguard";
    private const string Suffix = ".sock";

    // 20,000 peers with a few prefixes each stay below 16 MiB.
    private const int LongestAnswer = 64 * 1024 * 1024;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public IReadOnlyList<string> List() =>
        Directory.Exists(Folder)
            ? [.. Directory.EnumerateFiles(Folder, $"*{Suffix}").Select(Path.GetFileNameWithoutExtension).OfType<string>().Where(IsAlive).Order(StringComparer.Ordinal)]
            : [];

    /// <inheritdoc/>
    public Device? Get(string name)
    {
        if (Exchange(name, Uapi.GetRequest) is not { } answer)
        {
            return null;
        }

        return Uapi.TryParseGet(name, answer, out var device, out var error)
            ? device
            : throw new WireGuardEngineException(EngineFailure.Refused, $"The engine of {name} does not tell its configuration: {Explain(error)}");
    }

    /// <inheritdoc/>
    public void Apply(string name, DeviceUpdate update)
    {
        // Which engines know removals cannot be told from their answers without asking each time; all of them know moves.
        if (Exchange(name, Uapi.FormatSet(update.WithoutRemovals())) is not { } answer)
        {
            throw new WireGuardEngineException(EngineFailure.Ended, $"No WireGuard engine listens for {name}.");
        }

        if (Uapi.ParseSet(answer) is { } error)
        {
            throw error.Errno == Errno.EADDRINUSE
                ? new WireGuardEngineException(EngineFailure.PortInUse, $"The UDP port {update.ListenPort} that {name} should listen on is taken.")
                : new WireGuardEngineException(EngineFailure.Refused, $"The engine of {name} refused a change: {Explain(error)}");
        }
    }

    /// <summary>Whether an engine listens under that name; costs nothing of its many peers.</summary>
    /// <exception cref="WireGuardEngineException">It is stuck, or we may not ask.</exception>
    internal bool Listens(string name) => Exchange(name, []) is not null;

    internal static string SocketOf(string name)
    {
        InterfaceName.ThrowIfInvalid(name);
        return $"{Folder}/{name}{Suffix}";
    }

    // A socket without an engine is what a killed one left behind.
    private bool IsAlive(string name) => InterfaceName.IsValid(name) && Listens(name);

    private static string Explain(UapiError error) => error.Errno == 0 ? error.Message : $"{Errno.Describe(error.Errno)}.";

    // Null: there is no socket, or nobody listens on it. Who asks nothing gets no answer.
    private byte[]? Exchange(string name, ReadOnlySpan<byte> request)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var started = time.GetTimestamp();
        try
        {
            socket.SendTimeout = (int)TimeLimit.TotalMilliseconds;
            socket.Connect(new UnixDomainSocketEndPoint(SocketOf(name)));
            for (var rest = request; !rest.IsEmpty; rest = rest[socket.Send(rest)..])
            {
                socket.SendTimeout = Remaining(started, name);
            }

            return request.IsEmpty ? [] : Receive(socket, started, name);
        }
        catch (SocketException exception) when (IsNobody(exception.SocketErrorCode))
        {
            return null;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AccessDenied)
        {
            throw new WireGuardEngineException(EngineFailure.NotPermitted, $"The engine of {name} listens to root alone ({SocketOf(name)}). Run as root.", exception);
        }
        catch (SocketException exception)
        {
            throw new WireGuardEngineException(
                EngineFailure.NotAnswering,
                $"The engine of {name} does not answer on {SocketOf(name)}: {exception.Message}.",
                exception);
        }
    }

    private byte[]? Receive(Socket socket, long started, string name)
    {
        var answer = new byte[4096];
        var length = 0;
        while (!Uapi.IsComplete(answer.AsSpan(0, length)))
        {
            if (length == answer.Length)
            {
                Array.Resize(ref answer, length < LongestAnswer ? 2 * length : throw Stuck(name, "says more than an engine can have to say"));
            }

            socket.ReceiveTimeout = Remaining(started, name);
            var received = socket.Receive(answer, length, answer.Length - length, SocketFlags.None);
            if (received == 0)
            {
                // Without a word: it ended while we talked.
                return length == 0 ? null : throw Stuck(name, "hung up in the middle of its answer");
            }

            length += received;
        }

        return answer[..length];
    }

    private int Remaining(long started, string name)
    {
        var left = TimeLimit - time.GetElapsedTime(started);
        return left > TimeSpan.FromMilliseconds(1) ? (int)left.TotalMilliseconds : throw Stuck(name, $"did not answer within {TimeLimit.TotalSeconds} s");
    }

    private static WireGuardEngineException Stuck(string name, string what) =>
        new(EngineFailure.NotAnswering, $"The engine of {name} {what} ({SocketOf(name)}).");

    // No socket, one without a listener, or an engine that ended while we talked.
    private static bool IsNobody(SocketError error) =>
        error is SocketError.AddressNotAvailable or SocketError.ConnectionRefused or SocketError.ConnectionReset or SocketError.Shutdown;
}
