using System.Net;
using System.Text.Json;
using Elysium.Client.Agent;
using Elysium.Client.State;
using Elysium.Contracts;
using Elysium.WireGuard;

namespace Elysium.Tests.Client.Agent;

public sealed class InterfacePlanTests
{
    private const string Ula = "fd12:3456:789a::/64";

    private static readonly PrivateKey Key = PrivateKey.Generate();
    private static readonly string HubKey = PrivateKey.Generate().PublicKey.ToString();

    [Fact]
    public void An_ipv4_network_gives_one_address_and_one_route()
    {
        var spec = Plan(Map(prefix6: null, address6: null, "10.77.0.0/24")).Spec.ShouldNotBeNull();

        spec.Addresses.Select(a => a.ToString()).ShouldBe(["10.77.0.2/32"]);
        spec.Routes.Select(r => r.ToString()).ShouldBe(["10.77.0.0/24"]);
        spec.Device.Peers.ShouldHaveSingleItem().AllowedIps.Select(p => p.ToString()).ShouldBe(["10.77.0.0/24"]);
    }

    [Fact]
    public void A_dual_stack_network_gives_both_addresses_both_routes_and_both_prefixes_through_the_hub()
    {
        var spec = Plan(Map(Ula, "fd12:3456:789a::2", "10.77.0.0/24", Ula)).Spec.ShouldNotBeNull();

        spec.Addresses.Select(a => a.ToString()).ShouldBe(["10.77.0.2/32", "fd12:3456:789a::2/128"]);
        spec.Routes.Select(r => r.ToString()).ShouldBe(["10.77.0.0/24", Ula]);
        var hub = spec.Device.Peers.ShouldHaveSingleItem();
        hub.AllowedIps.Select(p => p.ToString()).ShouldBe(["10.77.0.0/24", Ula]);
        hub.Endpoint.ShouldBe(IPEndPoint.Parse("[2001:db8::1]:51820"));
    }

    [Theory]
    [InlineData(Ula, null)]
    [InlineData(null, "fd12:3456:789a::2")]
    [InlineData(Ula, "fd12:3456:789b::2")]
    [InlineData(Ula, "10.77.0.2")]
    [InlineData(Ula, "::ffff:10.77.0.2")]
    [InlineData("10.77.0.0/24", "10.77.0.2")]
    [InlineData("fd12:3456:789a::1/64", "fd12:3456:789a::2")]
    public void A_map_whose_ipv6_part_makes_no_sense_gives_no_plan_and_says_what_is_wrong(string? prefix6, string? address6)
    {
        var (spec, error) = Plan(Map(prefix6, address6, "10.77.0.0/24"));

        spec.ShouldBeNull();
        error.ShouldStartWith("the map's ");
    }

    [Fact]
    public void A_map_that_an_earlier_version_kept_on_disk_is_read()
    {
        // As version 0.1.0 wrote it.
        const string Kept = """
            {"map":{"version":4,"network":{"id":"01a2085b-a10b-77e3-92e0-b31bc7fc3311","name":"office","prefix":"10.77.0.0/24","mtu":1420},"self":{"id":"01a2085b-ab5d-7280-a8a1-57d7374a6f8d","name":"carol","address":"10.77.0.4","wireGuardPublicKey":"LivFKdBAIH9ActlgGLT/LwuKB06e1ewNgXw0hHJHVBk=","ephemeral":false},"hubs":[{"wireGuardPublicKey":"b9IC94X/jZLHQ77GImhsCgJk6PUi93Q3V2fmW2QK0hc=","endpoint":"127.0.0.1:51820","address":"10.77.0.1","allowedIps":["10.77.0.0/24"],"persistentKeepalive":25}],"backends":["https://127.0.0.1:8080"],"peers":[{"id":"01a2085b-a4c9-7a92-ba14-589b13845089","name":"alice","address":"10.77.0.2","wireGuardPublicKey":"rWMZZdQWu/91kA7VZk34wObLz6GBIBlJr2\u002B3sfJq/TA=","tags":[]}]},"receivedAt":"2026-11-23T12:22:35.1628019+00:00"}
            """;

        var map = JsonSerializer.Deserialize(Kept, ClientJson.Default.CachedMap).ShouldNotBeNull().Map;

        (map.Network.Prefix6, map.Self.Address6, map.Hubs[0].Address6, map.Hubs[0].Endpoints, map.Peers[0].Address6).ShouldBe((null, null, null, null, null));
        var spec = InterfacePlan.From(map, "wg0", Key, new Dictionary<string, IPEndPoint?>(), out _).ShouldNotBeNull();
        spec.Addresses.Select(a => a.ToString()).ShouldBe(["10.77.0.4/32"]);
    }

    private static NetworkMap Map(string? prefix6, string? address6, params string[] allowedIps) => new(
        1,
        new MapNetwork(Guid.Empty, "office", "10.77.0.0/24", 1420, prefix6),
        new MapSelf(Guid.Empty, "alice", "10.77.0.2", Key.PublicKey.ToString(), false, address6),
        [new MapHub(HubKey, "[2001:db8::1]:51820", "10.77.0.1", allowedIps, 25)],
        [],
        []);

    private static (Elysium.Linux.InterfaceSpec? Spec, string? Error) Plan(NetworkMap map)
    {
        var spec = InterfacePlan.From(map, "wg0", Key, new Dictionary<string, IPEndPoint?> { [HubKey] = IPEndPoint.Parse("[2001:db8::1]:51820") }, out var error);
        return (spec, error);
    }
}
