using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Elysium.Contracts;

namespace Elysium.Backend.Pki;

/// <summary>What Elysium's certificates look like (RFC 5280 §4.2, SPIFFE X509-SVID §3 to §5): one place for all four kinds.</summary>
internal static class CertificateProfiles
{
    public static readonly TimeSpan RootLifetime = TimeSpan.FromDays(20 * 365);
    public static readonly TimeSpan IssuingLifetime = TimeSpan.FromDays(5 * 365);
    public static readonly TimeSpan ServerLifetime = TimeSpan.FromDays(90);

    private static readonly Oid ServerAuth = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientAuth = new("1.3.6.1.5.5.7.3.2");

    /// <summary>A machine whose clock is a little slow must still accept what was issued a moment ago.</summary>
    private static readonly TimeSpan Backdated = TimeSpan.FromMinutes(5);

    public static X509Certificate2 Root(string trustDomain, ECDsa key, DateTimeOffset now)
    {
        var request = Authority("CN=Elysium Root CA", trustDomain, key, pathLength: 1);
        return request.CreateSelfSigned(now - Backdated, now + RootLifetime);
    }

    public static X509Certificate2 Issuing(string trustDomain, ECDsa key, X509Certificate2 root, DateTimeOffset now)
    {
        var request = Authority("CN=Elysium Issuing CA", trustDomain, key, pathLength: 0);
        return Sign(request, root, now, now + IssuingLifetime);
    }

    public static X509Certificate2 Server(string trustDomain, ECDsa key, X509Certificate2 issuing, IEnumerable<string> hosts, DateTimeOffset now)
    {
        var request = new CertificateRequest("CN=Elysium Backend", key, HashAlgorithmName.SHA256);
        AddLeafExtensions(request, ServerAuth, SpiffeId.Backend(trustDomain), hosts);
        return Sign(request, issuing, now, now + ServerLifetime);
    }

    public static X509Certificate2 Client(
        string trustDomain,
        Guid network,
        Guid peer,
        PublicKey key,
        X509Certificate2 issuing,
        DateTimeOffset now,
        TimeSpan lifetime)
    {
        var request = new CertificateRequest(new X500DistinguishedName($"CN={peer:D}"), key, HashAlgorithmName.SHA256);
        AddLeafExtensions(request, ClientAuth, SpiffeId.Peer(trustDomain, network, peer), []);
        return Sign(request, issuing, now, now + lifetime);
    }

    private static CertificateRequest Authority(string subject, string trustDomain, ECDsa key, int pathLength)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLength, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(Names(SpiffeId.TrustDomain(trustDomain), []));
        return request;
    }

    private static void AddLeafExtensions(CertificateRequest request, Oid usage, string spiffeId, IEnumerable<string> hosts)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([usage], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(Names(spiffeId, hosts));
    }

    /// <summary>Written by hand: .NET's builder makes <c>spiffe://domain/</c> of <c>spiffe://domain</c>, which is another identity.</summary>
    private static X509Extension Names(string spiffeId, IEnumerable<string> hosts)
    {
        var names = new AsnWriter(AsnEncodingRules.DER);
        using (names.PushSequence())
        {
            names.WriteCharacterString(UniversalTagNumber.IA5String, spiffeId, CertificateNames.UriTag);
            foreach (var host in hosts)
            {
                if (IPAddress.TryParse(host, out var address))
                {
                    names.WriteOctetString(address.GetAddressBytes(), new Asn1Tag(TagClass.ContextSpecific, 7));
                }
                else
                {
                    names.WriteCharacterString(UniversalTagNumber.IA5String, host, new Asn1Tag(TagClass.ContextSpecific, 2));
                }
            }
        }

        return new X509Extension(CertificateNames.Oid, names.Encode(), critical: false);
    }

    /// <summary>No certificate outlives the CA that signed it.</summary>
    private static X509Certificate2 Sign(CertificateRequest request, X509Certificate2 issuer, DateTimeOffset now, DateTimeOffset notAfter)
    {
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        using var key = issuer.GetECDsaPrivateKey()!;
        var issuerNotBefore = new DateTimeOffset(issuer.NotBefore.ToUniversalTime());
        var issuerNotAfter = new DateTimeOffset(issuer.NotAfter.ToUniversalTime());
        var notBefore = now - Backdated;
        return request.Create(
            issuer.SubjectName,
            X509SignatureGenerator.CreateForECDsa(key),
            notBefore > issuerNotBefore ? notBefore : issuerNotBefore,
            notAfter < issuerNotAfter ? notAfter : issuerNotAfter,
            SerialNumber());
    }

    /// <summary>RFC 5280 §4.1.2.2: positive, at most 20 octets; here 127 random bits.</summary>
    private static byte[] SerialNumber()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40);
        return serial;
    }
}
