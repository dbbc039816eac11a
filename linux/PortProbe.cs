using System.Net;
using System.Net.Sockets;

namespace Elysium.Linux;

/// <summary>
/// Asks whether a UDP port is free by taking it for a moment. A device opens its port only when its link is switched on; then
/// <c>wireguard-go</c> has nobody to tell when that fails.
/// </summary>
internal static class PortProbe
{
    public static void ThrowIfTaken(string name, int port)
    {
        try
        {
            using var socket = new Socket(SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, port));
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
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
}
