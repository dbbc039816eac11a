using System.Buffers;
using System.Net.Sockets;
using Elysium.WireGuard;

namespace Elysium.Linux;

/// <summary>
/// Reads and changes devices of any userspace engine through its UAPI socket, <c>/var/run/wireguard/NAME.sock</c>. Every exchange is
/// limited to 5 s, and 2 ms for each peer that is changed: an engine that is stuck or trickles is an error, not a hang.
/// </summary>
/// <param name="time">The clock that the limit is measured by.</param>
public sealed class UserspaceWireGuard(TimeProvider time) : IWireGuardDevices
{
    private const string Folder = "/var/run/wireguard";
    private const string Suffix = ".sock";

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(5);

    // A new peer costs an engine an agreement on Curve25519: 0.1 to 0.3 ms, on a busy machine more.
    private static readonly TimeSpan TimePerPeer = TimeSpan.FromMilliseconds(2);

    /// <inheritdoc/>
    public IReadOnlyList<string> List() =>
        Directory.Exists(Folder)
            ? [.. Directory.EnumerateFiles(Folder, $"*{Suffix}").Select(Path.GetFileNameWithoutExtension).OfType<string>().Where(IsAlive).Order(StringComparer.Ordinal)]
            : [];

    /// <inheritdoc/>
    public Device? Get(string name) => Exchange(name, TimeLimit, connection =>
    {
        connection.Write(Uapi.GetRequest);
        connection.Flush();
        var reader = new UapiReader(name);
        while (!reader.IsComplete)
        {
            if (!connection.Receive())
            {
                return null;
            }

            connection.Use(reader.Read(connection.Received));
        }

        return reader.Device ?? throw Refused(name, reader.Error!, "does not tell its configuration", null);
    });

    /// <inheritdoc/>
    public void Apply(string name, DeviceUpdate update)
    {
        ArgumentNullException.ThrowIfNull(update);
        var applied = Exchange(name, TimeLimit + (update.Peers.Count * TimePerPeer), connection =>
        {
            // Which engines know removals cannot be told from their answers without asking each time; all of them know moves.
            Uapi.WriteSet(update.WithoutRemovals(), connection);
            connection.Flush();
            while (!Uapi.IsComplete(connection.Received))
            {
                if (!connection.Receive())
                {
                    return null;
                }
            }

            if (Uapi.ParseSet(connection.Received) is { } error)
            {
                throw Refused(name, error, "refused a change", update.ListenPort);
            }

            connection.ThrowIfUnheard();
            return update;
        });
        if (applied is null)
        {
            throw new WireGuardEngineException(EngineFailure.Ended, $"No WireGuard engine listens for {name}.");
        }
    }

    /// <summary>Whether an engine listens under that name; costs nothing of its many peers.</summary>
    /// <exception cref="WireGuardEngineException">It is stuck, or we may not ask.</exception>
    internal bool Listens(string name) => Exchange(name, TimeLimit, connection => connection) is not null;

    internal static string SocketOf(string name)
    {
        InterfaceName.ThrowIfInvalid(name);
        return $"{Folder}/{name}{Suffix}";
    }

    // The only place where an engine's error number becomes a reason.
    private static WireGuardEngineException Refused(string name, UapiError error, string what, int? port) => error.Errno switch
    {
        0 => new(EngineFailure.Refused, $"The engine of {name} {what}: {error.Message}"),
        Errno.EADDRINUSE => new(EngineFailure.PortInUse, $"The UDP port {port} that {name} should listen on is taken."),
        Errno.EPERM or Errno.EACCES => new(EngineFailure.NotPermitted, $"The engine of {name} {what}: {Errno.Describe(error.Errno)}."),
        _ => new(EngineFailure.Refused, $"The engine of {name} {what}: {Errno.Describe(error.Errno)}."),
    };

    // A socket without an engine is what a killed one left behind. An engine that is stuck, or that listens to others alone, is one.
    private bool IsAlive(string name)
    {
        try
        {
            return InterfaceName.IsValid(name) && Listens(name);
        }
        catch (WireGuardEngineException)
        {
            return true;
        }
    }

    // Null: there is no socket, nobody listens on it, or the engine ended while we talked.
    private T? Exchange<T>(string name, TimeSpan limit, Func<UapiConnection, T?> talk)
        where T : class
    {
        var path = SocketOf(name);
        try
        {
            using var connection = new UapiConnection(name, path, time, limit);
            return talk(connection);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.ConnectionRefused)
        {
            return null;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AccessDenied)
        {
            throw new WireGuardEngineException(EngineFailure.NotPermitted, $"The engine of {name} listens to root alone ({path}). Run as root.", exception);
        }
        catch (SocketException exception)
        {
            throw new WireGuardEngineException(EngineFailure.NotAnswering, $"The engine of {name} does not answer on {path}: {exception.Message}.", exception);
        }
    }
}
