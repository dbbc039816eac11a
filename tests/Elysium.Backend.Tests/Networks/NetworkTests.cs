using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Tests.Networks;

public sealed class NetworkTests
{
    [Fact]
    public async Task Networks_get_interfaces_ports_and_prefixes_in_order_and_give_them_back()
    {
        await using var backend = await TestBackend.StartAsync();

        var first = await backend.CreateNetworkAsync("one", null);
        var second = await backend.CreateNetworkAsync("two", null);
        (await backend.Admin.DeleteAsync("/v1/networks/one")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        var third = await backend.CreateNetworkAsync("three", null);

        (second.ListenPort - first.ListenPort).ShouldBe(1);
        second.Interface.ShouldNotBe(first.Interface);
        second.Prefix.ShouldNotBe(first.Prefix);
        (third.Interface, third.ListenPort, third.Prefix).ShouldBe((first.Interface, first.ListenPort, first.Prefix));
        third.Id.ShouldNotBe(first.Id);
        third.HubPublicKey.ShouldNotBe(first.HubPublicKey);
    }

    [Theory]
    [InlineData("10.77.0.0/31", "too small")]
    [InlineData("10.77.0.0/32", "too small")]
    [InlineData("8.0.0.0/7", "too large")]
    [InlineData("8.8.8.0/24", "not private")]
    [InlineData("169.254.0.0/16", "not private")]
    [InlineData("10.0.0.0/8x", "no IPv4 prefix")]
    [InlineData("10.77.0.1/24", "no IPv4 prefix")]
    [InlineData("010.77.0.0/24", "no IPv4 prefix")]
    [InlineData("fd00::/64", "no IPv4 prefix")]
    [InlineData("", "no IPv4 prefix")]
    [InlineData("10.77.0.0", "no IPv4 prefix")]
    public async Task A_prefix_that_cannot_be_used_is_refused_with_the_reason(string prefix, string reason)
    {
        await using var backend = await TestBackend.StartAsync();

        var answer = await CreateAsync(backend, new CreateNetworkRequest("home", prefix));

        (await answer.ShouldBeProblemAsync(400, ProblemCodes.InvalidPrefix)).Detail!.ShouldContain(reason);
    }

    [Fact]
    public async Task A_prefix_that_overlaps_another_network_is_refused_and_names_it()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync("home", "10.77.0.0/24");

        foreach (var prefix in new[] { "10.77.0.0/24", "10.77.0.128/25", "10.0.0.0/8" })
        {
            var answer = await CreateAsync(backend, new CreateNetworkRequest("other", prefix));
            (await answer.ShouldBeProblemAsync(409, ProblemCodes.PrefixOverlapsNetwork)).Detail!.ShouldContain("'home'");
        }

        (await backend.QueryAsync(d => d.Networks.CountAsync())).ShouldBe(1);
    }

    [Fact]
    public async Task A_name_or_port_that_is_taken_is_refused()
    {
        await using var backend = await TestBackend.StartAsync();
        var home = await backend.CreateNetworkAsync();

        await (await CreateAsync(backend, new CreateNetworkRequest("home"))).ShouldBeProblemAsync(409, ProblemCodes.NetworkNameTaken);
        await (await CreateAsync(backend, new CreateNetworkRequest("other", ListenPort: home.ListenPort))).ShouldBeProblemAsync(409, ProblemCodes.ListenPortTaken);
        await (await CreateAsync(backend, new CreateNetworkRequest("other", ListenPort: 0))).ShouldBeProblemAsync(400, ProblemCodes.InvalidRequest);
        await (await CreateAsync(backend, new CreateNetworkRequest("other", Mtu: 500))).ShouldBeProblemAsync(400, ProblemCodes.InvalidRequest);
        await (await CreateAsync(backend, new CreateNetworkRequest("Other"))).ShouldBeProblemAsync(400, ProblemCodes.InvalidName);
    }

    [Fact]
    public async Task Eight_operators_at_once_make_eight_networks_that_share_nothing()
    {
        await using var backend = await TestBackend.StartAsync();

        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => backend.CreateNetworkAsync($"net-{n}", null)));

        made.Select(n => n.Interface).Distinct().Count().ShouldBe(8);
        made.Select(n => n.ListenPort).Distinct().Count().ShouldBe(8);
        made.Select(n => n.Prefix).Distinct().Count().ShouldBe(8);
    }

    [Fact]
    public async Task Deleting_a_network_takes_its_peers_and_tokens_along_and_their_certificates_are_dead()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        using var client = backend.Client(alice.Certificate);

        (await backend.Admin.DeleteAsync("/v1/networks/home")).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        await (await client.GetAsync("/v1/self/map")).ShouldBeProblemAsync(403, ProblemCodes.PeerRevoked);
        await (await backend.Admin.DeleteAsync("/v1/networks/home")).ShouldBeProblemAsync(404, ProblemCodes.NetworkNotFound);
        (await backend.QueryAsync(d => d.EnrollmentTokens.CountAsync())).ShouldBe(0);
        (await backend.QueryAsync(d => d.Certificates.CountAsync(c => c.RevokedAt == null))).ShouldBe(0);
        (await backend.QueryAsync(d => d.AuditEvents.CountAsync(e => e.Action == "network.deleted"))).ShouldBe(1);
    }

    [Fact]
    public async Task The_hubs_private_key_is_sealed_in_the_database()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var network = await backend.QueryAsync(d => d.Networks.SingleAsync());

        using var sealer = Elysium.Backend.Database.SealingKeyFile.Read(Path.Combine(backend.DataDirectory, "sealing.key")).Value;
        var key = new WireGuard.PrivateKey(sealer.Open(network.HubPrivateKeySealed, network.Id));

        key.PublicKey.ToArray().ShouldBe(network.HubPublicKey);
        Should.Throw<System.Security.Cryptography.CryptographicException>(() => sealer.Open(network.HubPrivateKeySealed, Guid.Empty));
    }

    private static Task<HttpResponseMessage> CreateAsync(TestBackend backend, CreateNetworkRequest request) =>
        backend.Admin.PostAsync("/v1/networks", JsonContent.Create(request, ElysiumJson.Default.CreateNetworkRequest, new MediaTypeHeaderValue("application/json")));
}
