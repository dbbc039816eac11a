using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Elysium.Backend.Tests.Pki;
using Elysium.Contracts;

namespace Elysium.Backend.Tests.Access;

public sealed class CertificateJudgementTests
{
    [Fact]
    public async Task Without_a_certificate_a_peer_route_says_what_it_takes()
    {
        await using var backend = await TestBackend.StartAsync();
        using var client = backend.Client();

        await (await client.GetAsync("/v1/self/map")).ShouldBeProblemAsync(401, ProblemCodes.CredentialRequired);
    }

    [Fact]
    public async Task A_revoked_peers_certificate_is_refused_on_the_very_connection_that_was_open()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        using var client = backend.Client(alice.Certificate);
        (await client.GetAsync("/v1/self/map")).IsSuccessStatusCode.ShouldBeTrue();

        (await backend.Admin.DeleteAsync("/v1/networks/home/peers/alice")).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        await (await client.GetAsync("/v1/self/map")).ShouldBeProblemAsync(403, ProblemCodes.PeerRevoked);
        await (await client.PostAsync("/v1/self/certificate", Renewal(alice.Machine.Key))).ShouldBeProblemAsync(403, ProblemCodes.PeerRevoked);
    }

    [Fact]
    public async Task Another_CAs_certificate_with_our_names_is_refused_and_the_URL_in_it_is_never_called()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        using var trap = new TcpListener(IPAddress.Loopback, 0);
        trap.Start();
        var url = new Uri($"http://127.0.0.1:{((IPEndPoint)trap.LocalEndpoint).Port}/issuer.cer");
        using var forged = Certificates.Forged(alice.Enrolled.Map.Network.Id, alice.Id, backend.Clock.GetUtcNow(), url);
        using var client = backend.Client(forged);

        await (await client.GetAsync("/v1/self/map")).ShouldBeProblemAsync(401, ProblemCodes.CertificateUntrusted);

        trap.Pending().ShouldBeFalse();
    }

    [Fact]
    public async Task The_servers_own_certificate_is_no_peers()
    {
        await using var backend = await TestBackend.StartAsync();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var server = backend.Authority.IssueServer(key, ["127.0.0.1"], backend.Clock.GetUtcNow());
        using var client = backend.Client(server);

        await (await client.GetAsync("/v1/self/map")).ShouldBeProblemAsync(401, ProblemCodes.CertificateUntrusted);
    }

    [Fact]
    public async Task A_certificate_that_the_CA_signed_but_no_enrolment_recorded_is_refused()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issued = backend.Authority.IssueClient(alice.Enrolled.Map.Network.Id, alice.Id, new PublicKey(key), backend.Clock.GetUtcNow());
        using var certificate = issued.CopyWithPrivateKey(key);
        using var client = backend.Client(certificate);

        await (await client.GetAsync("/v1/self/map")).ShouldBeProblemAsync(403, ProblemCodes.CertificateRevoked);
    }

    [Fact]
    public async Task An_expired_certificate_renews_itself_for_its_own_key_and_does_nothing_else()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        backend.Clock.Offset = TimeSpan.FromDays(8);
        using var client = backend.Client(alice.Certificate);
        using var otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        await (await client.GetAsync("/v1/self/map")).ShouldBeProblemAsync(401, ProblemCodes.CertificateExpired);
        await (await client.DeleteAsync("/v1/self")).ShouldBeProblemAsync(401, ProblemCodes.CertificateExpired);
        await (await client.PostAsync("/v1/self/certificate", Renewal(otherKey))).ShouldBeProblemAsync(400, ProblemCodes.InvalidCertificateRequest);

        var answer = await client.PostAsync("/v1/self/certificate", Renewal(alice.Machine.Key));
        var renewed = (await answer.Content.ReadFromJsonAsync(ElysiumJson.Default.RenewResponse))!;
        using var certificate = TestPeer.WithKey(renewed.Certificate, alice.Machine.Key);
        using var fresh = backend.Client(certificate);
        (await fresh.GetAsync("/v1/self/map")).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task A_certificate_past_its_grace_is_too_late()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        backend.Clock.Offset = TimeSpan.FromDays(7 + 31);
        using var client = backend.Client(alice.Certificate);

        await (await client.PostAsync("/v1/self/certificate", Renewal(alice.Machine.Key))).ShouldBeProblemAsync(403, ProblemCodes.RenewalTooLate);
    }

    [Fact]
    public async Task A_backend_whose_clock_is_behind_says_so()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        backend.Clock.Offset = TimeSpan.FromDays(-1);
        using var client = backend.Client(alice.Certificate);

        var problem = await (await client.GetAsync("/v1/self/map")).ShouldBeProblemAsync(401, ProblemCodes.CertificateExpired);

        problem.Detail!.ShouldContain("the backend's clock says");
    }

    [Fact]
    public async Task A_renewed_certificate_leaves_the_old_one_valid_until_its_end()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        using var client = backend.Client(alice.Certificate);

        (await client.PostAsync("/v1/self/certificate", Renewal(alice.Machine.Key))).IsSuccessStatusCode.ShouldBeTrue();

        (await client.GetAsync("/v1/self/map")).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task A_restarted_backend_knows_its_peers_and_keeps_its_CA()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        var pin = backend.Authority.Pin.ToArray();

        await backend.RestartAsync();

        backend.Authority.Pin.ToArray().ShouldBe(pin);
        using var client = backend.Client(alice.Certificate);
        (await client.GetAsync("/v1/self/map")).IsSuccessStatusCode.ShouldBeTrue();
    }

    private static JsonContent Renewal(ECDsa key) => JsonContent.Create(
        new RenewRequest(new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256).CreateSigningRequestPem()),
        ElysiumJson.Default.RenewRequest);
}
