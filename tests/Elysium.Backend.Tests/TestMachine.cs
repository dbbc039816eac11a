using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Elysium.Contracts;
using Elysium.WireGuard;
using HttpVersion = System.Net.HttpVersion;

namespace Elysium.Backend.Tests;

/// <summary>A machine that wants to join: its two keys, as the agent has them.</summary>
internal sealed class TestMachine(string name)
{
    public string Name => name;

    public ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public PrivateKey WireGuardKey { get; init; } = PrivateKey.Generate();

    public string CertificateRequest() =>
        new CertificateRequest("CN=ignored", Key, HashAlgorithmName.SHA256).CreateSigningRequestPem();

    public EnrollRequest Request() => new(name, WireGuardKey.PublicKey.ToString(), CertificateRequest());

    public async Task<HttpResponseMessage> EnrollAsync(TestBackend backend, JoinCode code, EnrollRequest? request = null)
    {
        using var client = backend.Client();
        using var message = new HttpRequestMessage(HttpMethod.Post, "/v1/enroll")
        {
            Version = HttpVersion.Version20,
            Content = JsonContent.Create(request ?? Request(), ElysiumJson.Default.EnrollRequest),
        };
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", code.BearerToken);
        return await client.SendAsync(message);
    }
}

/// <summary>A machine that has joined.</summary>
internal sealed record TestPeer(TestMachine Machine, EnrollResponse Enrolled)
{
    public Guid Id => Enrolled.Map.Self.Id;

    public string Address => Enrolled.Map.Self.Address;

    public string? Address6 => Enrolled.Map.Self.Address6;

    public X509Certificate2 Certificate { get; } = WithKey(Enrolled.Certificate, Machine.Key);

    public static X509Certificate2 WithKey(string pem, ECDsa key)
    {
        using var certificate = X509Certificate2.CreateFromPem(pem);
        return certificate.CopyWithPrivateKey(key);
    }
}
