using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Elysium.Lab;

namespace Elysium.EndToEnd.Tests.Faults;

/// <summary>HTTP from a host of the lab by this process: many machines would not fit, their requests do.</summary>
internal static class LabConnections
{
    /// <summary>A client whose connections start at the host. Who the backend is, is tested elsewhere.</summary>
    public static HttpClient Client(LabHost from, Uri backend, TimeSpan patience, X509Certificate2? certificate = null)
    {
        var handler = new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true, AllowTlsResume = false },
            UseProxy = false,
            ConnectTimeout = patience,
            ConnectCallback = async (context, cancellationToken) =>
            {
                // A socket belongs to the namespace of the thread that makes it.
                var socket = from.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
                try
                {
                    await socket.ConnectAsync(IPAddress.Parse(context.DnsEndPoint.Host), context.DnsEndPoint.Port, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificates = [certificate];
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        return new HttpClient(handler) { BaseAddress = backend, Timeout = patience };
    }
}
