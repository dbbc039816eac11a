using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Elysium.Benchmarks.Control;

/// <summary>
/// What a stream costs at least: Kestrel with the backend's TLS options (backend/Hosting/Listener), an event stream that says something every 15 s,
/// and an answer to heartbeats; nothing else.
/// </summary>
internal static class BareServer
{
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(15);
    private static readonly byte[] Ping = [.. "event: ping\ndata: {\"version\":1}\n\n"u8];

    public static async Task RunAsync(string address, string rootFile, CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = SelfSigned(key);
        await File.WriteAllBytesAsync(rootFile, certificate.Export(X509ContentType.Cert), cancellationToken);
        var context = SslStreamCertificateContext.Create(certificate, [], offline: true);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPEndPoint.Parse(address), listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(Options(context, certificate)) });
        }));
        await using var app = builder.Build();
        app.MapGet("/v1/self/events", static (HttpContext http) => StreamAsync(http));
        app.MapPost("/v1/self/heartbeat", static () => Results.Text("{\"version\":1}", "application/json"));
        await app.StartAsync(cancellationToken);
        Console.WriteLine("Ready");
        await app.WaitForShutdownAsync(cancellationToken);
    }

    private static async Task StreamAsync(HttpContext http)
    {
        http.Response.ContentType = "text/event-stream";
        using var timer = new PeriodicTimer(PingEvery, TimeProvider.System);
        try
        {
            do
            {
                await http.Response.BodyWriter.WriteAsync(Ping, http.RequestAborted);
            }
            while (await timer.WaitForNextTickAsync(http.RequestAborted));
        }
        catch (OperationCanceledException)
        {
            // The machine left.
        }
    }

    private static SslServerAuthenticationOptions Options(SslStreamCertificateContext context, X509Certificate2 root) => new()
    {
        ServerCertificateContext = context,
        ClientCertificateRequired = true,
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { root },
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        },
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        AllowRenegotiation = false,
        AllowTlsResume = false,
    };

    private static X509Certificate2 SelfSigned(ECDsa key)
    {
        var now = TimeProvider.System.GetUtcNow();
        var request = new CertificateRequest("CN=bare", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
    }
}
