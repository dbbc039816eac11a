using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Elysium.Contracts;

namespace Elysium.Backend.Pki;

/// <summary>
/// The CA of an installation, with which every backend of it signs. <see cref="InstalledAuthority"/> says where it comes from.
/// </summary>
internal sealed class CertificateAuthority : IDisposable
{
    private readonly X509Certificate2 _issuing;
    private readonly TimeSpan _clientLifetime;

    /// <param name="trustDomain">What it signs for.</param>
    /// <param name="pair">Root, and issuing CA with its key; belongs to this from now on.</param>
    /// <param name="clientLifetime">How long a client certificate lives.</param>
    public CertificateAuthority(string trustDomain, AuthorityPair pair, TimeSpan clientLifetime)
    {
        TrustDomain = trustDomain;
        Root = pair.Root;
        _issuing = pair.Issuing;
        _clientLifetime = clientLifetime;
        Pin = pair.Pin;
        Trust = new TrustBundle(trustDomain, [Root.ExportCertificatePem()]);
    }

    public string TrustDomain { get; }

    public X509Certificate2 Root { get; }

    /// <summary>The issuing CA's certificate, for chains; its key stays in here.</summary>
    public X509Certificate2 Issuing => _issuing;

    /// <summary>SHA-256 of the root's SubjectPublicKeyInfo: what join codes carry.</summary>
    public ReadOnlyMemory<byte> Pin { get; }

    public TrustBundle Trust { get; }

    /// <summary>Issues a client certificate for a key that its owner has proved.</summary>
    public X509Certificate2 IssueClient(Guid network, Guid peer, PublicKey key, DateTimeOffset now) =>
        CertificateProfiles.Client(TrustDomain, network, peer, key, _issuing, now, _clientLifetime);

    public X509Certificate2 IssueServer(ECDsa key, IEnumerable<string> hosts, DateTimeOffset now)
    {
        using var certificate = CertificateProfiles.Server(TrustDomain, key, _issuing, hosts, now);
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>The certificate with the issuing CA's behind it, as a peer stores and sends it.</summary>
    public string ChainPem(X509Certificate2 leaf) => $"{leaf.ExportCertificatePem()}\n{_issuing.ExportCertificatePem()}\n";

    public void Dispose()
    {
        Root.Dispose();
        _issuing.Dispose();
    }
}
