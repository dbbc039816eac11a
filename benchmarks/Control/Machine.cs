using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Elysium.Contracts;
using Elysium.WireGuard;

namespace Elysium.Benchmarks.Control;

/// <summary>A machine: its keys, made before anything is measured, and from its enrolment on its certificate.</summary>
internal sealed class Machine
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private string? _certificate;

    public Machine(string name)
    {
        Name = name;
        var request = new EnrollRequest(
            name,
            PrivateKey.Generate().PublicKey.ToString(),
            new CertificateRequest("CN=elysium", _key, HashAlgorithmName.SHA256).CreateSigningRequestPem());
        Request = JsonSerializer.SerializeToUtf8Bytes(request, ElysiumJson.Default.EnrollRequest);
    }

    public string Name { get; }

    /// <summary>The body of its enrolment.</summary>
    public byte[] Request { get; }

    public static string NameOf(string kind, int number) => string.Create(CultureInfo.InvariantCulture, $"{kind}-{number}");

    /// <summary>Takes in the answer to its enrolment.</summary>
    public void Enrolled(int status, ReadOnlySpan<byte> body)
    {
        if (status != 200)
        {
            throw new HttpRequestException($"{Name} could not join: {status} {System.Text.Encoding.UTF8.GetString(body)}");
        }

        var answer = JsonSerializer.Deserialize(body, ElysiumJson.Default.EnrollResponse);
        _certificate = answer?.Map.Self.Name == Name ? answer.Certificate : throw new HttpRequestException($"{Name} got a map of {answer?.Map.Self.Name}.");
    }

    /// <summary>What it shows when it connects.</summary>
    public SslStreamCertificateContext Identity()
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(_certificate ?? throw new InvalidOperationException($"{Name} has not joined."));
        return SslStreamCertificateContext.Create(chain[0].CopyWithPrivateKey(_key), [.. chain.Skip(1)], offline: true);
    }
}
