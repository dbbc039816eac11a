using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Elysium.Contracts;

namespace Elysium.Backend.Pki;

/// <summary>
/// Whether a client certificate is one that this CA made for a peer. Time and revocation are judged elsewhere, on every request;
/// this verdict holds for ever and is remembered by thumbprint.
/// </summary>
internal sealed class PeerCertificates(CertificateAuthority authority)
{
    private const int MaxRemembered = 50_000;

    private readonly ConcurrentDictionary<string, PeerIdentity> _trusted = new();

    /// <summary>The peer that the certificate names, or null when it does not chain to our CA, is no client certificate or names no peer.</summary>
    public PeerIdentity? Identify(X509Certificate2 certificate)
    {
        var thumbprint = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        if (_trusted.TryGetValue(thumbprint, out var known))
        {
            return known;
        }

        if (!SpiffeId.TryParsePeer(CertificateNames.Uri(certificate), authority.TrustDomain, out var network, out var peer) || !ChainsToUs(certificate))
        {
            return null;
        }

        // Only what our CA signed gets in, so a flood of forged certificates cannot fill this.
        if (_trusted.Count >= MaxRemembered)
        {
            _trusted.Clear();
        }

        return _trusted[thumbprint] = new PeerIdentity(
            network,
            peer,
            certificate.SerialNumber.ToLowerInvariant(),
            SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()),
            certificate.NotBefore.ToUniversalTime(),
            certificate.NotAfter.ToUniversalTime());
    }

    private bool ChainsToUs(X509Certificate2 certificate)
    {
        using var chain = new X509Chain { ChainPolicy = Policy(authority) };
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.2"));

        // A chain check reads the real clock unless it is told the time; the leaf's own validity is judged with our clock, later.
        chain.ChainPolicy.VerificationTime = certificate.NotAfter.AddSeconds(-1);
        return chain.Build(certificate);
    }

    /// <summary>
    /// Our root and nothing else; no revocation lists (serials are in the database); and no downloads: without that a forged
    /// certificate makes the server fetch whatever URL it names as its issuer's.
    /// </summary>
    public static X509ChainPolicy Policy(CertificateAuthority authority)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.Add(authority.Root);
        policy.ExtraStore.Add(authority.Issuing);
        return policy;
    }
}

/// <summary>What a peer's certificate says.</summary>
internal sealed record PeerIdentity(
    Guid NetworkId,
    Guid PeerId,
    string Serial,
    byte[] KeyHash,
    DateTimeOffset NotBefore,
    DateTimeOffset NotAfter);
