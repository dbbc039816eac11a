using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Elysium.Contracts;

namespace Elysium.Benchmarks;

/// <summary>Connections that verify the backend against the root that a join code pins, as the client's do.</summary>
internal sealed class PinnedTrust
{
    private readonly X509Certificate2 _root;

    public PinnedTrust(X509Certificate2 root) => _root = root;

    public static async Task<PinnedTrust> FetchAsync(JoinCode code, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true; // the pin decides, below
        using var client = new HttpClient(handler) { BaseAddress = code.Url };
        var bundle = await client.GetFromJsonAsync("/v1/trust", ElysiumJson.Default.TrustBundle, cancellationToken);
        foreach (var pem in bundle!.Roots)
        {
            var root = X509Certificate2.CreateFromPem(pem);
            if (SHA256.HashData(root.PublicKey.ExportSubjectPublicKeyInfo()).AsSpan().SequenceEqual(code.Pin.Span))
            {
                return new PinnedTrust(root);
            }
        }

        throw new HttpRequestException("The backend has no root that the join code pins.");
    }

    /// <summary>A client with no connection yet, which resumes no earlier session: every machine is a stranger.</summary>
    public HttpClient Connect(Uri url) => new(new SocketsHttpHandler { SslOptions = TlsOptions() }) { BaseAddress = url };

    /// <summary>Without resumption, and with this root alone.</summary>
    public SslClientAuthenticationOptions TlsOptions() => new()
    {
        AllowTlsResume = false,
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { _root },
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        },

        // Names do not matter: the chain, which ends at the pinned root, does.
        RemoteCertificateValidationCallback = static (_, _, _, errors) =>
            (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None,
    };
}
