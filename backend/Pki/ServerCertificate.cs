using System.Net.Security;
using System.Security.Cryptography;
using Elysium.Backend.Hosting;

namespace Elysium.Backend.Pki;

/// <summary>
/// The backend's own certificate, ready for handshakes: made at start, made anew at two thirds of its life, swapped in one assignment.
/// Its key never touches the disk; agents trust the CA, not this certificate.
/// </summary>
internal sealed partial class ServerCertificate(
    CertificateAuthority authority,
    BackendOptions options,
    TimeProvider time,
    ILogger<ServerCertificate> logger) : BackgroundService
{
    private static readonly TimeSpan CheckEvery = TimeSpan.FromMinutes(10);

    private volatile Prepared _current = Make(authority, options, time);

    /// <summary>For the next handshake.</summary>
    public SslStreamCertificateContext Context => _current.Context;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(CheckEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (time.GetUtcNow() >= _current.RenewAt)
            {
                // The old one is not disposed: a handshake may be using it.
                _current = Make(authority, options, time);
                LogRenewed(_current.RenewAt);
            }
        }
    }

    private static Prepared Make(CertificateAuthority authority, BackendOptions options, TimeProvider time)
    {
        var now = time.GetUtcNow();
        string[] hosts = [.. new[] { options.PublicUrl.IdnHost, "localhost", "127.0.0.1", "::1" }.Distinct()];
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var certificate = authority.IssueServer(key, hosts, now);
        var context = SslStreamCertificateContext.Create(certificate, [authority.Issuing], offline: true);
        return new Prepared(context, now + ((certificate.NotAfter.ToUniversalTime() - now) * 2 / 3));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Server certificate renewed, next at {RenewAt}")]
    private partial void LogRenewed(DateTimeOffset renewAt);

    private sealed record Prepared(SslStreamCertificateContext Context, DateTimeOffset RenewAt);
}
