using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Elysium.Backend.Pki;
using Elysium.Contracts;

namespace Elysium.Backend.Tests.Pki;

/// <summary>Certificates and requests that nobody should make.</summary>
internal static class Certificates
{
    public static string? UriOf(X509Certificate2 certificate) => CertificateNames.Uri(certificate);

    /// <summary>Requests that prove nothing, or a key that is not taken.</summary>
    public static IEnumerable<string> BadRequests(TestMachine machine)
    {
        yield return "";
        yield return "no PEM at all";
        yield return new string('x', 5000);
        yield return "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----";

        // The signature of somebody else: a request for a key that the sender does not have.
        var stolen = machine.CertificateRequest();
        var der = Convert.FromBase64String(stolen[PemEncoding.Find(stolen).Base64Data]);
        der[^1] ^= 1;
        yield return PemEncoding.WriteString("CERTIFICATE REQUEST", der);

        using var rsa = RSA.Create(2048);
        yield return new CertificateRequest("CN=rsa", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequestPem();

        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        yield return new CertificateRequest("CN=p384", p384, HashAlgorithmName.SHA256).CreateSigningRequestPem();
    }

    /// <summary>A client certificate for a peer as another CA would make it, that asks whoever checks it to fetch its issuer from a URL.</summary>
    public static X509Certificate2 Forged(Guid network, Guid peer, DateTimeOffset now, Uri issuerUrl)
    {
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var ca = CertificateProfiles.Root("test.elysium", caKey, now);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={peer:D}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        request.CertificateExtensions.Add(Names(SpiffeId.Peer("test.elysium", network, peer)));
        request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension([issuerUrl.AbsoluteUri], [issuerUrl.AbsoluteUri]));
        using var certificate = request.Create(ca, now, now.AddDays(1), [1, 2, 3, 4]);
        return certificate.CopyWithPrivateKey(key);
    }

    private static X509Extension Names(params string[] uris)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var uri in uris)
            {
                writer.WriteOctetString(Encoding.ASCII.GetBytes(uri), new Asn1Tag(TagClass.ContextSpecific, 6));
            }
        }

        return new X509Extension("2.5.29.17", writer.Encode(), critical: false);
    }
}
