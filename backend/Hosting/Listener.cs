using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Elysium.Backend.Pki;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Elysium.Backend.Hosting;

/// <summary>
/// The one TLS listener. It takes any client certificate or none, because a refusal is to be a readable answer: who may do what is
/// judged on each request, so that a revocation holds for open connections too.
/// </summary>
internal static class Listener
{
    private const long MaxBody = 64 * 1024;

    public static void UseElysiumListener(this ConfigureWebHostBuilder host, BackendOptions options) =>
        host.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBody;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
            kestrel.Listen(AddressOf(options.Listen), listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(new TlsHandshakeCallbackOptions
                {
                    HandshakeTimeout = TimeSpan.FromSeconds(10),
                    OnConnection = context => ValueTask.FromResult(
                        HandshakeOptions((IServiceProvider)context.State!)),
                    OnConnectionState = kestrel.ApplicationServices,
                });
            });
        });

    /// <summary>Kestrel listens on <c>[::]</c> for both families; where the kernel has no IPv6, that is IPv4 alone.</summary>
    private static IPEndPoint AddressOf(IPEndPoint listen) =>
        listen.Address.Equals(IPAddress.IPv6Any) && !Socket.OSSupportsIPv6 ? new IPEndPoint(IPAddress.Any, listen.Port) : listen;

    private static SslServerAuthenticationOptions HandshakeOptions(IServiceProvider services) => new()
    {
        ServerCertificateContext = services.GetRequiredService<ServerCertificate>().Context,
        ClientCertificateRequired = true,

        // Asked for, not judged: see above. The policy keeps the handshake from following URLs in what a client sends.
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
        CertificateChainPolicy = PeerCertificates.Policy(services.GetRequiredService<CertificateAuthority>()),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        AllowRenegotiation = false,
        AllowTlsResume = false,
    };
}
