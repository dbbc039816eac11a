using System.Net;
using System.Net.Http.Json;
using Elysium.Backend.Access;
using Elysium.Contracts;

namespace Elysium.Backend.Tests.Access;

public sealed class ApiTokenTests
{
    [Theory]
    [InlineData("GET", "/v1/networks")]
    [InlineData("POST", "/v1/networks")]
    [InlineData("DELETE", "/v1/networks/home")]
    [InlineData("GET", "/v1/networks/home/peers")]
    [InlineData("DELETE", "/v1/networks/home/peers/alice")]
    [InlineData("GET", "/v1/enrollment-tokens")]
    [InlineData("POST", "/v1/enrollment-tokens")]
    [InlineData("DELETE", "/v1/enrollment-tokens/00000000")]
    public async Task An_admin_route_takes_an_API_token_and_no_peers_certificate(string method, string path)
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        using var client = backend.Client(alice.Certificate);
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Version = HttpVersion.Version20 };
        if (method == "POST")
        {
            request.Content = JsonContent.Create(new CreateNetworkRequest("x"), ElysiumJson.Default.CreateNetworkRequest);
        }

        await (await client.SendAsync(request)).ShouldBeProblemAsync(401, ProblemCodes.CredentialRequired);
    }

    [Fact]
    public async Task A_peer_route_takes_no_API_token()
    {
        await using var backend = await TestBackend.StartAsync();

        await (await backend.Admin.GetAsync("/v1/self/map")).ShouldBeProblemAsync(401, ProblemCodes.CredentialRequired);
    }

    [Fact]
    public async Task A_token_that_nobody_made_is_refused()
    {
        await using var backend = await TestBackend.StartAsync();
        using var client = backend.Client(bearer: BearerSecret.Reveal(BearerSecret.ApiPrefix, BearerSecret.Generate()));

        await (await client.GetAsync("/v1/networks")).ShouldBeProblemAsync(401, ProblemCodes.ApiTokenInvalid);
    }

    [Fact]
    public async Task An_auditor_reads_and_changes_nothing()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var secret = BearerSecret.Generate();
        var hash = BearerSecret.Hash(secret);
        await backend.QueryAsync(async d =>
        {
            d.ApiTokens.Add(new ApiToken
            {
                Id = Guid.CreateVersion7(backend.Clock.GetUtcNow()),
                Name = "auditor",
                SecretHash = hash,
                Prefix = BearerSecret.PublicPrefix(hash),
                Role = ApiRole.Auditor,
                CreatedAt = backend.Clock.GetUtcNow(),
            });
            return await d.SaveChangesAsync();
        });
        using var client = backend.Client(bearer: BearerSecret.Reveal(BearerSecret.ApiPrefix, secret));

        (await client.GetAsync("/v1/networks")).IsSuccessStatusCode.ShouldBeTrue();
        await (await client.DeleteAsync("/v1/networks/home")).ShouldBeProblemAsync(403, ProblemCodes.RoleInsufficient);
    }

    [Fact]
    public async Task The_bootstrap_token_is_for_its_owner_only_and_survives_a_restart()
    {
        await using var backend = await TestBackend.StartAsync();
        var file = Path.Combine(backend.DataDirectory, "admin-token");
        var before = await File.ReadAllTextAsync(file);

        await backend.RestartAsync();

        (await File.ReadAllTextAsync(file)).ShouldBe(before);
        File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await backend.Admin.GetAsync("/v1/networks")).IsSuccessStatusCode.ShouldBeTrue();
    }
}
