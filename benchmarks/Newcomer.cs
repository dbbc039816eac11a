using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Elysium.Contracts;
using Elysium.WireGuard;

namespace Elysium.Benchmarks;

/// <summary>A machine that is about to join: its keys exist, as they do on a real one before its first request.</summary>
internal static class Newcomer
{
    public static EnrollRequest Create(int number)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=elysium", key, HashAlgorithmName.SHA256);
        return new EnrollRequest(
            string.Create(CultureInfo.InvariantCulture, $"machine-{number}"),
            PrivateKey.Generate().PublicKey.ToString(),
            request.CreateSigningRequestPem());
    }
}
