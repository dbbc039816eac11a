using System.Net.Http.Headers;
using System.Net.Http.Json;
using Elysium.Backend.Database;
using Elysium.Backend.Hub;
using Elysium.Backend.Tests.Maps;
using Elysium.Contracts;
using Elysium.WireGuard;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Elysium.Backend.Tests.Networks;

public sealed class DualStackTests
{
    private const string Ula = "fd12:3456:789a::/64";

    [Theory]
    [InlineData("2001:db8::/64", "not unique local")]
    [InlineData("fe80::/64", "not unique local")]
    [InlineData("ff00::/64", "not unique local")]
    [InlineData("::/64", "not unique local")]
    [InlineData("::ffff:10.0.0.0/120", "not unique local")]
    [InlineData("fec0::/48", "not unique local")]
    [InlineData("fc00::/7", "too large")]
    [InlineData("fd00::/8", "too large")]
    [InlineData("fd12:3456::/47", "too large")]
    [InlineData("fd12:3456:789a::/65", "too small")]
    [InlineData("fd12:3456:789a::/128", "too small")]
    [InlineData("fd12:3456:789a::1/64", "no IPv6 prefix")]
    [InlineData("fd12:3456:789a::/064", "no IPv6 prefix")]
    [InlineData("fd12:3456:789a::/129", "no IPv6 prefix")]
    [InlineData("fd12:3456:789a::", "no IPv6 prefix")]
    [InlineData("[fd12:3456:789a::]/64", "no IPv6 prefix")]
    [InlineData("fd12:3456:789a::%eth0/64", "no IPv6 prefix")]
    [InlineData("10.77.0.0/24", "no IPv6 prefix")]
    [InlineData("AUTO", "no IPv6 prefix")]
    [InlineData("", "no IPv6 prefix")]
    public async Task An_ipv6_prefix_that_cannot_be_used_is_refused_with_the_reason(string prefix6, string reason)
    {
        await using var backend = await TestBackend.StartAsync();

        var answer = await CreateAsync(backend, new CreateNetworkRequest("home", "10.77.0.0/24", Prefix6: prefix6));

        (await answer.ShouldBeProblemAsync(400, ProblemCodes.InvalidPrefix)).Detail!.ShouldContain(reason);
        (await backend.QueryAsync(d => d.Networks.CountAsync())).ShouldBe(0);
    }

    [Fact]
    public async Task An_ipv6_prefix_that_overlaps_another_networks_is_refused_and_names_it()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync("home", "10.77.0.0/24", Ula);

        foreach (var prefix6 in new[] { Ula, "fd12:3456:789a::/48", "fd12:3456:789a::/63" })
        {
            var answer = await CreateAsync(backend, new CreateNetworkRequest("other", "10.78.0.0/24", Prefix6: prefix6));
            (await answer.ShouldBeProblemAsync(409, ProblemCodes.PrefixOverlapsNetwork)).Detail!.ShouldContain("'home'");
        }

        (await backend.CreateNetworkAsync("other", "10.78.0.0/24", "fd12:3456:789a:1::/64")).Prefix6.ShouldBe("fd12:3456:789a:1::/64");
    }

    [Fact]
    public async Task An_automatic_prefix_is_a_random_rfc_4193_subnet_and_never_the_same_twice()
    {
        await using var backend = await TestBackend.StartAsync();

        var first = await backend.CreateNetworkAsync("one", null, "auto");
        var second = await backend.CreateNetworkAsync("two", null, "auto");

        foreach (var network in new[] { first, second })
        {
            var prefix6 = IpPrefix.Parse(network.Prefix6!);
            prefix6.Length.ShouldBe(64);
            IpPrefix.Parse("fd00::/8").Contains(prefix6).ShouldBeTrue();
            network.HubAddress6.ShouldBe(prefix6.AddressAt(1).ToString());
        }

        second.Prefix6.ShouldNotBe(first.Prefix6);
    }

    [Fact]
    public async Task Everyone_has_the_ipv6_address_that_lies_where_the_ipv4_one_does()
    {
        await using var backend = await TestBackend.StartAsync();
        var network = await backend.CreateNetworkAsync("home", "10.77.0.0/16", Ula);
        var code = await backend.CreateCodeAsync(uses: 300);
        await backend.QueryAsync(d => d.Networks.ExecuteUpdateAsync(set => set.SetProperty(n => n.Cursor, 0x1234)));

        var peer = await backend.JoinAsync("alice", code);
        var next = await backend.JoinAsync("bob", code);

        (network.HubAddress, network.HubAddress6).ShouldBe(("10.77.0.1", "fd12:3456:789a::1"));
        (peer.Address, peer.Address6).ShouldBe(("10.77.18.52", "fd12:3456:789a::1234"));
        (next.Address, next.Address6).ShouldBe(("10.77.18.53", "fd12:3456:789a::1235"));
    }

    [Fact]
    public async Task Enrolment_maps_changes_and_listings_carry_both_addresses()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync("home", "10.77.0.0/24", Ula);
        var code = await backend.CreateCodeAsync(uses: 2);

        var alice = await backend.JoinAsync("alice", code);
        var bob = await backend.JoinAsync("bob", code);

        var map = bob.Enrolled.Map;
        map.Network.Prefix6.ShouldBe(Ula);
        map.Hubs.ShouldHaveSingleItem().AllowedIps.ShouldBe(["10.77.0.0/24", Ula]);
        map.Hubs[0].Address6.ShouldBe("fd12:3456:789a::1");
        map.Self.Address6.ShouldBe("fd12:3456:789a::3");

        await using var feed = await TestFeed.OpenAsync(backend, alice, lastEventId: "2");
        var change = await feed.NextChangeAsync();
        change.Peers.ShouldHaveSingleItem().Address6.ShouldBe("fd12:3456:789a::3");

        var listed = (await backend.Admin.GetFromJsonAsync("/v1/networks/home/peers", ElysiumJson.Default.ListingPeerResponse))!.Items;
        listed.Select(p => (p.Address, p.Address6)).ShouldBe([("10.77.0.2", "fd12:3456:789a::2"), ("10.77.0.3", "fd12:3456:789a::3")]);
    }

    [Fact]
    public async Task The_hubs_interface_has_both_addresses_and_lets_each_peer_use_its_two()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync("both", "10.77.0.0/24", Ula);
        await backend.CreateNetworkAsync("one", "10.78.0.0/24");
        await backend.JoinAsync("alice", await backend.CreateCodeAsync("both"));
        await backend.JoinAsync("bob", await backend.CreateCodeAsync("one"));
        var plan = new HubPlan(backend.Services.GetRequiredService<IDbContextFactory<ElysiumDatabase>>(), backend.Services.GetRequiredService<KeySealer>(), backend.Clock);

        var specs = (await plan.ReadAsync(CancellationToken.None)).Select(p => p.Spec!).ToList();

        specs[0].Addresses.Select(a => a.ToString()).ShouldBe(["10.77.0.1/24", "fd12:3456:789a::1/64"]);
        specs[0].Device.Peers.ShouldHaveSingleItem().AllowedIps.Select(p => p.ToString()).ShouldBe(["10.77.0.2/32", "fd12:3456:789a::2/128"]);
        specs[1].Addresses.Select(a => a.ToString()).ShouldBe(["10.78.0.1/24"]);
        specs[1].Device.Peers.ShouldHaveSingleItem().AllowedIps.Select(p => p.ToString()).ShouldBe(["10.78.0.2/32"]);
    }

    [Fact]
    public async Task A_released_address_comes_back_with_its_ipv6_one()
    {
        await using var backend = await TestBackend.StartAsync(options => options with { AddressQuarantine = TimeSpan.Zero });
        await backend.CreateNetworkAsync("home", "10.77.0.0/30", Ula);
        var code = await backend.CreateCodeAsync(uses: 2);
        await backend.JoinAsync("first", code);
        await backend.Admin.DeleteAsync("/v1/networks/home/peers/first");

        var second = await backend.JoinAsync("second", code);

        (second.Address, second.Address6).ShouldBe(("10.77.0.2", "fd12:3456:789a::2"));
    }

    [Fact]
    public async Task Every_endpoint_of_the_hub_is_told_best_first_and_the_first_alone_to_older_agents()
    {
        await using var backend = await TestBackend.StartAsync(options => options with { HubHosts = ["2001:db8::1", "192.0.2.1", "vpn.example.org"] });
        var network = await backend.CreateNetworkAsync();

        var hub = (await backend.JoinAsync("alice")).Enrolled.Map.Hubs.ShouldHaveSingleItem();

        var port = network.ListenPort;
        network.Endpoint.ShouldBe($"[2001:db8::1]:{port}");
        network.Endpoints!.ShouldBe([$"[2001:db8::1]:{port}", $"192.0.2.1:{port}", $"vpn.example.org:{port}"]);
        hub.Endpoint.ShouldBe(network.Endpoint);
        hub.Endpoints!.ShouldBe(network.Endpoints);
    }

    [Fact]
    public async Task The_api_description_names_the_ipv6_fields()
    {
        await using var backend = await TestBackend.StartAsync();

        var description = await backend.Admin.GetStringAsync("/openapi/v1.json");

        description.ShouldContain("\"prefix6\"");
        description.ShouldContain("\"hubAddress6\"");
        description.ShouldContain("\"address6\"");
    }

    private static Task<HttpResponseMessage> CreateAsync(TestBackend backend, CreateNetworkRequest request) =>
        backend.Admin.PostAsync("/v1/networks", JsonContent.Create(request, ElysiumJson.Default.CreateNetworkRequest, new MediaTypeHeaderValue("application/json")));
}
