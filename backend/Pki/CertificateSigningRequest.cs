using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Elysium.Backend.Hosting;
using Elysium.Contracts;

namespace Elysium.Backend.Pki;

/// <summary>A PKCS#10 request whose signature proved that the sender holds the key. Nothing else of it is used.</summary>
internal sealed record CertificateSigningRequest(PublicKey Key, byte[] KeyHash)
{
    private const int MaxLength = 4096;

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

        using var key = request.PublicKey.GetECDsaPublicKey();
        if (key is null || key.ExportParameters(includePrivateParameters: false).Curve.Oid?.Value != ECCurve.NamedCurves.nistP256.Oid.Value)
        {
            return Bad("its key is not ECDSA P-256");
        }

        return new CertificateSigningRequest(request.PublicKey, SHA256.HashData(request.PublicKey.ExportSubjectPublicKeyInfo()));
    }

    private static Refusal Bad(string why) => new(ProblemCodes.InvalidCertificateRequest, $"The certificate request cannot be used: {why}.");
}
