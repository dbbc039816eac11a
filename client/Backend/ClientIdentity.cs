using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Elysium.Client.Backend;

/// <summary>The machine's certificate and its key, as a connection shows them.</summary>
internal sealed class ClientIdentity
{
    private readonly X509Certificate2 _certificate;

    private ClientIdentity(X509Certificate2 certificate, SslStreamCertificateContext context)
    {
        _certificate = certificate;
        Context = context;
    }

    public SslStreamCertificateContext Context { get; }

    public DateTimeOffset NotAfter => _certificate.NotAfter.ToUniversalTime();

    /// <param name="certificates">PEM: the machine's first, then the issuing CA's.</param>
    /// <param name="key">PKCS#8, PEM.</param>
    /// <exception cref="CryptographicException">They are malformed or do not belong together.</exception>
    public static ClientIdentity Read(string certificates, string key)
    {
        var leaf = X509Certificate2.CreateFromPem(certificates, key);
        var all = new X509Certificate2Collection();
        all.ImportFromPem(certificates);
        return new ClientIdentity(leaf, SslStreamCertificateContext.Create(leaf, [.. all.Skip(1)], offline: true));
    }

    /// <summary>PKCS#10 for the same key. The backend takes nothing but the key from it, and its signature as proof of possession.</summary>
    public static string CertificateRequestFor(string key)
    {
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportFromPem(key);
        return new CertificateRequest("CN=elysium", ecdsa, HashAlgorithmName.SHA256).CreateSigningRequestPem();
    }

    /// <summary>When the certificate in the PEM ends.</summary>
    public static DateTimeOffset ExpiryOf(string certificates)
    {
        using var leaf = X509Certificate2.CreateFromPem(certificates);
        return leaf.NotAfter.ToUniversalTime();
    }
}
