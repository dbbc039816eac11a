using System.Net;
using System.Net.Sockets;

namespace Elysium.Linux;

/// <summary>
/// Asks whether a UDP port is free by taking it for a moment. A device opens its port only when its link is switched on; then
/// <c>wireguard-go</c> has nobody to tell when that fails.
/// </summary>
public static class PortProbe
{
    /// <summary>Whether nobody in the calling thread's namespace has the port, and we may take it. A moment later somebody may.</summary>
    public static bool IsFree(int port)
    {
        try
        {
            Take(port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <param name="name">The device that should have the port.</param>
    /// <param name="port">The port.</param>
    /// <param name="current">The port that it has: by itself it may be taken.</param>
    internal static void ThrowIfTaken(string name, int port, Func<int?> current)
    {
        try
        {
            Take(port);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            if (current() == port)
            {
                return;
            }

            throw new WireGuardEngineException(EngineFailure.PortInUse, $"The UDP port {port} that {name} should listen on is taken.", exception);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AccessDenied)
        {
            throw new WireGuardEngineException(
                EngineFailure.NotPermitted,
                $"The UDP port {port} that {name} should listen on needs CAP_NET_BIND_SERVICE: run as root, or choose one above 1023.",
                exception);
        }
    }

    // Both families at once where there are two, as a device does.
    private static void Take(int port)
    {
        using var socket = new Socket(SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, port));
    }
}
