using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Tests.Enrollment;

public sealed class TokenTests
{
    [Fact]
    public async Task Of_two_machines_that_race_for_the_last_use_one_gets_in()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();

        for (var round = 0; round < 10; round++)
        {
            var code = await backend.CreateCodeAsync();
            var answers = await Task.WhenAll(
                new TestMachine($"left-{round}").EnrollAsync(backend, code),
                new TestMachine($"right-{round}").EnrollAsync(backend, code));

            answers.Count(a => a.IsSuccessStatusCode).ShouldBe(1);
            await answers.Single(a => !a.IsSuccessStatusCode).ShouldBeProblemAsync(403, ProblemCodes.EnrollmentTokenUsedUp);
        }

        (await backend.QueryAsync(d => d.Peers.CountAsync())).ShouldBe(10);
    }

    [Fact]
    public async Task An_expired_code_lets_nobody_in()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync(expiresIn: 60);
        backend.Clock.Offset = TimeSpan.FromSeconds(61);

        var answer = await new TestMachine("alice").EnrollAsync(backend, code);

        await answer.ShouldBeProblemAsync(403, ProblemCodes.EnrollmentTokenExpired);
    }

    [Fact]
    public async Task A_revoked_code_lets_nobody_in_and_who_is_in_stays()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync(uses: 2);
        var alice = await backend.JoinAsync("alice", code);
        (await backend.Admin.DeleteAsync($"/v1/enrollment-tokens/{code.TokenPrefix}")).IsSuccessStatusCode.ShouldBeTrue();

        var answer = await new TestMachine("bob").EnrollAsync(backend, code);

        await answer.ShouldBeProblemAsync(403, ProblemCodes.EnrollmentTokenRevoked);
        using var client = backend.Client(alice.Certificate);
        (await client.GetAsync("/v1/self/map")).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Theory]
    [InlineData("expired", ProblemCodes.EnrollmentTokenExpired)]
    [InlineData("revoked", ProblemCodes.EnrollmentTokenRevoked)]
    [InlineData("used up", ProblemCodes.EnrollmentTokenUsedUp)]
    public async Task A_code_that_lets_nobody_in_does_not_tell_who_is_there(string state, string problem)
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync(uses: state == "used up" ? 1 : 2, expiresIn: 3600);
        var alice = await backend.JoinAsync("alice", code);
        if (state == "revoked")
        {
            (await backend.Admin.DeleteAsync($"/v1/enrollment-tokens/{code.TokenPrefix}")).IsSuccessStatusCode.ShouldBeTrue();
        }

        backend.Clock.Offset = state == "expired" ? TimeSpan.FromHours(2) : TimeSpan.Zero;

        await (await new TestMachine("alice").EnrollAsync(backend, code)).ShouldBeProblemAsync(403, problem);
        var sameKey = new TestMachine("bob") { WireGuardKey = alice.Machine.WireGuardKey };
        await (await sameKey.EnrollAsync(backend, code)).ShouldBeProblemAsync(403, problem);
    }

    [Fact]
    public async Task A_secret_that_nobody_made_is_unknown()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var forged = new JoinCode(new Uri("https://127.0.0.1:8080"), backend.Authority.Pin.Span, RandomNumberGenerator.GetBytes(32));

        var answer = await new TestMachine("alice").EnrollAsync(backend, forged);

        await answer.ShouldBeProblemAsync(401, ProblemCodes.EnrollmentTokenUnknown);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer")]
    [InlineData("Bearer elye_")]
    [InlineData("Bearer elye_short")]
    [InlineData("Bearer elye_!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!")]
    [InlineData("Basic dXNlcjpwYXNz")]
    public async Task Without_a_secret_in_the_header_nobody_enrols(string? header)
    {
        await using var backend = await TestBackend.StartAsync();
        using var client = backend.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/enroll")
        {
            Version = System.Net.HttpVersion.Version20,
            Content = JsonContent.Create(new TestMachine("alice").Request(), ElysiumJson.Default.EnrollRequest),
        };
        request.Headers.TryAddWithoutValidation("Authorization", header);

        await (await client.SendAsync(request)).ShouldBeProblemAsync(401, ProblemCodes.CredentialRequired);
    }

    [Fact]
    public async Task The_database_holds_no_secret_of_a_code()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync();

        var token = await backend.QueryAsync(d => d.EnrollmentTokens.SingleAsync());

        token.SecretHash.ShouldBe(SHA256.HashData(code.Secret.Span));
        token.Prefix.ShouldBe(code.TokenPrefix);
        var files = Directory.GetFiles(backend.DataDirectory, "elysium.db*").Select(File.ReadAllBytes);
        files.ShouldAllBe(file => !Convert.ToHexString(file).Contains(Convert.ToHexString(code.Secret.ToArray())));
    }

    [Fact]
    public async Task A_listing_tells_what_became_of_each_code()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var used = await backend.CreateCodeAsync();
        await backend.JoinAsync("alice", used);
        var revoked = await backend.CreateCodeAsync();
        await backend.Admin.DeleteAsync($"/v1/enrollment-tokens/{revoked.TokenPrefix}");
        await backend.CreateCodeAsync(expiresIn: 60);
        await backend.CreateCodeAsync(expiresIn: 3600);
        backend.Clock.Offset = TimeSpan.FromMinutes(2);

        var listing = await backend.Admin.GetFromJsonAsync("/v1/enrollment-tokens", ElysiumJson.Default.ListingEnrollmentTokenResponse);

        listing!.Items.Select(t => t.Status).ShouldBe(["used_up", "revoked", "expired", "active"]);
    }

    [Theory]
    [InlineData("""{"network":"nope"}""", 404, ProblemCodes.NetworkNotFound)]
    [InlineData("""{"network":"home","uses":0}""", 400, ProblemCodes.InvalidRequest)]
    [InlineData("""{"network":"home","uses":1000001}""", 400, ProblemCodes.InvalidRequest)]
    [InlineData("""{"network":"home","expiresInSeconds":59}""", 400, ProblemCodes.InvalidRequest)]
    [InlineData("""{"network":"home","expiresInSeconds":9223372036854775807}""", 400, ProblemCodes.InvalidRequest)]
    [InlineData("""{"network":"home","tags":["a b"]}""", 400, ProblemCodes.InvalidRequest)]
    [InlineData("""{"network":"home","tags":[null]}""", 400, ProblemCodes.InvalidRequest)]
    public async Task A_token_that_makes_no_sense_is_not_made(string body, int status, string code)
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();

        var answer = await backend.Admin.PostAsync("/v1/enrollment-tokens", new StringContent(body, new MediaTypeHeaderValue("application/json")));

        await answer.ShouldBeProblemAsync(status, code);
    }
}
