using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Elysium.Contracts;

namespace Elysium.Tests.Client.Backend;

/// <summary>An installation's CA, made for one test, that signs whatever it is asked to: also what no real one would.</summary>
internal sealed class Installation : IDisposable
{
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    public const string TrustDomain = "elysium.example.com";

    public static readonly DateTimeOffset Start = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private int _serial;

    public Installation(params IReadOnlyList<string> rootUris)
    {
        var request = new CertificateRequest("CN=Elysium Root CA", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 1, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(Uris(rootUris.Count > 0 ? rootUris : [SpiffeId.TrustDomain(TrustDomain)]));
        Root = request.CreateSelfSigned(Start.AddDays(-1), Start.AddDays(3650));
    }

    public X509Certificate2 Root { get; }

    public byte[] Pin => SHA256.HashData(Root.PublicKey.ExportSubjectPublicKeyInfo());

    public TrustBundle Bundle => new(TrustDomain, [Root.ExportCertificatePem()]);

    /// <summary>A backend's certificate, with its key, as every test bends it.</summary>
    public X509Certificate2 Server(
        IReadOnlyList<string>? uris = null,
        string usage = ServerAuthentication,
        DateTimeOffset? notAfter = null,
        ECDsa? key = null) =>
        Sign(Root, "CN=Elysium Backend", usage, notAfter ?? Start.AddDays(90), [Uris(uris ?? [SpiffeId.Backend(TrustDomain)])], key);

    /// <summary>A CA between the root and its backends, with its key.</summary>
    public X509Certificate2 Issuing()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Elysium Issuing CA", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var signed = request.Create(Root, Start.AddHours(-1), Start.AddDays(30), [7]);
        return signed.CopyWithPrivateKey(key);
    }

    /// <summary>A certificate that <paramref name="issuer"/> signs, whether or not it may.</summary>
    public X509Certificate2 Sign(X509Certificate2 issuer, string subject, string usage, DateTimeOffset notAfter, IEnumerable<X509Extension> extensions, ECDsa? key = null)
    {
        using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        key ??= made;
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, true, false));
        foreach (var extension in extensions)
        {
            request.CertificateExtensions.Add(extension);
        }

        using var issuerKey = issuer.GetECDsaPrivateKey()!;
        using var signed = request.Create(
            issuer.SubjectName,
            X509SignatureGenerator.CreateForECDsa(issuerKey),
            Start.AddHours(-1),
            notAfter,
            [1, (byte)++_serial]);
        return signed.CopyWithPrivateKey(key);
    }

    /// <summary>A subject alternative name of URIs, written by hand: .NET's builder makes <c>spiffe://domain/</c> of <c>spiffe://domain</c>.</summary>
    public static X509Extension Uris(IEnumerable<string> uris)
    {
        var names = new AsnWriter(AsnEncodingRules.DER);
        using (names.PushSequence())
        {
            names.WriteCharacterString(UniversalTagNumber.IA5String, "backend.example.com", new Asn1Tag(TagClass.ContextSpecific, 2));
            foreach (var uri in uris)
            {
                names.WriteCharacterString(UniversalTagNumber.IA5String, uri, new Asn1Tag(TagClass.ContextSpecific, 6));
            }
        }

        return new X509Extension("2.5.29.17", names.Encode(), false);
    }

    public void Dispose()
    {
        Root.Dispose();
        _key.Dispose();
    }
}
