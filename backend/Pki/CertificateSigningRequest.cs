using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Elysium.Backend.Hosting;
using Elysium.Contracts;

namespace Elysium.Backend.Pki;

/// <summary>A PKCS#10 request whose signature proved that the sender holds the key. Nothing else of it is used.</summary>
internal sealed record CertificateSigningRequest(PublicKey Key, byte[] KeyHash)
{
    private const int MaxLength = 4096;

    /// <summary>id-ecPublicKey (RFC 5480 §2.1.1).</summary>
    private const string EllipticCurve = "1.2.840.10045.2.1";

    /// <summary>The DER of secp256r1's object identifier, 1.2.840.10045.3.1.7 (RFC 5480 §2.1.1.1).</summary>
    private static ReadOnlySpan<byte> NistP256 => [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];

    public static Outcome<CertificateSigningRequest> Read(string pem)
    {
        if (pem.Length > MaxLength)
        {
            return Bad($"it has {pem.Length} characters, more than {MaxLength}");
        }

        CertificateRequest request;
        try
        {
            request = CertificateRequest.LoadSigningRequestPem(pem, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.Default);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return Bad("it is no PEM PKCS#10 request, or its signature is not by its own key");
        }

        // Named, not spelled out as parameters. That the point lies on the curve was seen when the signature was verified; another import of
        // the key would cost as much again.
        if (request.PublicKey.Oid.Value != EllipticCurve || request.PublicKey.EncodedParameters is not { } curve || !curve.RawData.AsSpan().SequenceEqual(NistP256))
        {
            return Bad("its key is not ECDSA P-256");
        }

        return new CertificateSigningRequest(request.PublicKey, SHA256.HashData(request.PublicKey.ExportSubjectPublicKeyInfo()));
    }

    private static Refusal Bad(string why) => new(ProblemCodes.InvalidCertificateRequest, $"The certificate request cannot be used: {why}.");
}
