using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Elysium.Contracts;

namespace Elysium.Backend.Pki;

/// <summary>A root and the issuing CA under it. The issuing one has its key.</summary>
internal sealed record AuthorityPair(X509Certificate2 Root, X509Certificate2 Issuing) : IDisposable
{
    /// <summary>SHA-256 of the root's SubjectPublicKeyInfo: what join codes carry.</summary>
    public byte[] Pin => PinOf(Root);

    public static byte[] PinOf(X509Certificate2 root) => SHA256.HashData(root.PublicKey.ExportSubjectPublicKeyInfo());

    public static AuthorityPair Make(string trustDomain, ECDsa rootKey, DateTimeOffset now)
    {
        using var withKey = CertificateProfiles.Root(trustDomain, rootKey, now);
        using var issuingKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issuing = CertificateProfiles.Issuing(trustDomain, issuingKey, withKey, now);
        return new AuthorityPair(X509CertificateLoader.LoadCertificate(withKey.RawData), issuing.CopyWithPrivateKey(issuingKey));
    }

    /// <summary>Puts an issuing certificate and its key together.</summary>
    /// <exception cref="CryptographicException">They do not belong together, or are none of ours.</exception>
    public static AuthorityPair Of(X509Certificate2 root, X509Certificate2 issuing, ECDsa key)
    {
        try
        {
            return new AuthorityPair(root, issuing.CopyWithPrivateKey(key));
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or NotSupportedException)
        {
            throw new CryptographicException("the issuing CA's key is not the one in its certificate", e);
        }
    }

    /// <summary>What is wrong with the two, for this trust domain; null: they can sign.</summary>
    public string? Problem(string trustDomain)
    {
        var uri = CertificateNames.Uri(Root);
        if (!SpiffeId.TryParseTrustDomain(uri, out var made) || made != trustDomain)
        {
            return $"it was made for '{uri}', and ELYSIUM_TRUST_DOMAIN is '{trustDomain}'. A trust domain cannot change: set it back.";
        }

        if (Issuing.Extensions.OfType<X509BasicConstraintsExtension>().SingleOrDefault() is not { CertificateAuthority: true })
        {
            return "the issuing certificate is not that of a CA.";
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.CustomTrustStore.Add(Root);

        // Whether it is still valid is another question, and not one of who signed whom.
        chain.ChainPolicy.VerificationTime = Issuing.NotBefore.AddSeconds(1);
        return chain.Build(Issuing) && chain.ChainElements.Count == 2
            ? null
            : $"the issuing CA was not signed by the root: {string.Join(", ", chain.ChainStatus.Select(s => s.StatusInformation.Trim()))}.";
    }

    public void Dispose()
    {
        Root.Dispose();
        Issuing.Dispose();
    }
}
