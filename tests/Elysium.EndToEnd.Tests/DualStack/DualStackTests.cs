using System.Net;
using System.Text.Json;
using Elysium.Contracts;
using Elysium.Lab;
using Elysium.Lab.Pinging;
using Elysium.Lab.Product;

namespace Elysium.EndToEnd.Tests.DualStack;

/// <summary>A backend that is reached at an IPv6 URL, with a hub behind an IPv6 and an IPv4 address.</summary>
public sealed class DualStackFixture : IAsyncLifetime
{
    private int _count;

    public Installation Installation { get; private set; } = null!;

    public BackendHost Backend => Installation.Backend;

    public async ValueTask InitializeAsync() => Installation = await Installation.StartAsync([], underlay: Underlay.Both);

    public ValueTask DisposeAsync() => Installation?.DisposeAsync() ?? ValueTask.CompletedTask;

    public Task<NetworkResponse> NetworkAsync()
    {
        var number = Interlocked.Increment(ref _count);
        return Backend.CreateNetworkAsync($"net-{number}", $"10.78.{number}.0/24", "auto");
    }

    public Task<MachineHost> JoinedAsync(NetworkResponse network, Underlay underlay) =>
        Installation.AddJoinedAsync($"m-{Interlocked.Increment(ref _count)}", network.Name, underlay: underlay);

    public MachineHost Machine(Underlay underlay) => Installation.AddMachine($"m-{Interlocked.Increment(ref _count)}", underlay);
}

public sealed class DualStackTests(DualStackFixture fixture) : IClassFixture<DualStackFixture>
{
    // WireGuard's own patience (15 s), a look every five, a handshake that is repeated every five; and what a machine that says nothing may be idle.
    private static readonly TimeSpan Bounded = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan BoundedWhenIdle = Bounded + TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Machines_reach_each_other_and_the_hub_at_both_addresses_through_the_hub()
    {
        var network = await fixture.NetworkAsync();
        var alice = await fixture.JoinedAsync(network, Underlay.Both);
        var bob = await fixture.JoinedAsync(network, Underlay.Both);
        var (first, second) = (await PeerAsync(network, alice), await PeerAsync(network, bob));

        foreach (var (from, to) in ((MachineHost, PeerResponse)[])[(alice, second), (bob, first)])
        {
            foreach (var address in new[] { to.Address, to.Address6!, network.HubAddress, network.HubAddress6! })
            {
                await from.Host.ReachesAsync(address, Expect.Soon);
            }

            await fixture.Backend.Host.ReachesAsync(to.Address6!, Expect.Soon);
            (await from.ElysiumAsync(["ping", to.Name, "-6", "-c", "1"])).Succeeded().Output.ShouldContain(to.Address6!);
            (await from.ElysiumAsync(["ping", "hub", "-6", "-c", "1"])).Succeeded();
        }

        (await alice.StatusOfAsync(network))!.Value.GetProperty("address6").GetString().ShouldBe(first.Address6);
        (await alice.ElysiumAsync(["status"])).Succeeded().Output.ShouldContain($"{first.Address} and {first.Address6}");
        (await alice.ElysiumAsync(["peers"])).Succeeded().Output.ShouldContain(second.Address6!);
        (await fixture.Backend.AdminAsync(["network", "list"])).Succeeded().Output.ShouldContain(network.Prefix6!);
    }

    [Fact]
    public async Task A_machine_without_ipv4_joins_by_the_ipv6_url_and_reaches_ipv4_addresses_of_the_network()
    {
        var network = await fixture.NetworkAsync();
        var both = await fixture.JoinedAsync(network, Underlay.Both);
        var code = await fixture.Backend.CreateJoinCodeAsync(network.Name);
        JoinCode.TryParse(code, out var parsed, out var error).ShouldBeTrue(error);
        parsed.Url.Authority.ShouldBe($"[{fixture.Backend.Host.Address6}]:8080");

        var alone = fixture.Machine(Underlay.IPv6);
        (await alone.JoinAsync(code)).Succeeded();
        await alone.StartAgentAsync();

        await alone.Host.ReachesAsync((await PeerAsync(network, both)).Address, Expect.Soon);
        await both.Host.ReachesAsync((await PeerAsync(network, alone)).Address, Expect.Soon);
        var endpoint = await Eventually.GivesAsync(
            "the hub has seen where the machine is", Expect.Soon, async () => (await PeerAsync(network, alone)).Endpoint);
        endpoint.ShouldStartWith($"[{alone.Host.Address6}]:");
        (await alone.ElysiumAsync(["status"])).Succeeded().Output.ShouldContain($"[{fixture.Backend.Host.Address6}]:{network.ListenPort}");
    }

    [Fact]
    public async Task A_tunnel_whose_family_falls_silent_comes_back_over_the_other()
    {
        var network = await fixture.NetworkAsync();
        var machine = await fixture.JoinedAsync(network, Underlay.Both);
        await machine.Host.ReachesAsync(network.HubAddress, Expect.Soon);
        (await EndpointAsync(machine, network)).ShouldStartWith($"[{fixture.Backend.Host.Address6}]");

        await LoseAnswersAsync(machine.Host.Address6!);

        await machine.Host.IsCutOffFromAsync(network.HubAddress, Expect.Soon);
        await machine.Host.ReachesAsync(network.HubAddress, Bounded);
        (await EndpointAsync(machine, network)).ShouldStartWith($"{fixture.Backend.Host.Address}:");

        // And back, when it is the other that is lost; this time the machine says nothing by itself.
        var address = (await PeerAsync(network, machine)).Address;
        await FindAnswersAsync(machine.Host.Address6!);
        await LoseAnswersAsync(machine.Host.Address);
        await fixture.Backend.Host.IsCutOffFromAsync(address, Expect.Soon);
        await fixture.Backend.Host.ReachesAsync(address, BoundedWhenIdle);
        (await EndpointAsync(machine, network)).ShouldStartWith($"[{fixture.Backend.Host.Address6}]");
    }

    [Fact]
    public async Task A_tunnel_whose_family_has_no_route_any_more_moves_to_the_other_at_once()
    {
        var network = await fixture.NetworkAsync();
        var machine = await fixture.JoinedAsync(network, Underlay.Both);
        await machine.Host.ReachesAsync(network.HubAddress, Expect.Soon);

        await RunAsync(machine.Host, $"ip address del {machine.Host.Address6}/64 dev eth0");

        await machine.Host.ReachesAsync(network.HubAddress, Expect.Soon);
        (await EndpointAsync(machine, network)).ShouldStartWith($"{fixture.Backend.Host.Address}:");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_network_that_the_machine_could_not_tell_from_a_route_is_not_joined_until_the_route_is_gone(bool ipv6)
    {
        var network = await fixture.NetworkAsync();
        var machine = fixture.Machine(Underlay.Both);
        var code = await fixture.Backend.CreateJoinCodeAsync(network.Name);
        var route = ipv6 ? $"{network.Prefix6![..^3]}/66" : $"{network.Prefix[..^3]}/26";
        await RunAsync(machine.Host, $"ip route add {route} dev eth0");

        var refused = await machine.JoinAsync(code);
        refused.ExitCode.ShouldBe(1, refused.Errors);
        refused.Errors.ShouldContain($"overlaps the route {route} over eth0 of this machine");
        (await machine.ElysiumAsync(["status"])).ExitCode.ShouldBe(3);

        // The very same code, which has one use only.
        await RunAsync(machine.Host, $"ip route del {route} dev eth0");
        (await machine.JoinAsync(code)).Succeeded();
        (await fixture.Backend.PeersAsync(network.Name)).Count.ShouldBe(1);
    }

    // What the hub sends there goes to a card that nobody has, and nobody is told: the machine's own packets still arrive.
    private Task LoseAnswersAsync(IPAddress to) =>
        RunAsync(fixture.Backend.Host, $"ip neighbour replace {to} lladdr 02:00:00:00:00:99 nud permanent dev eth0");

    private Task FindAnswersAsync(IPAddress to) => RunAsync(fixture.Backend.Host, $"ip neighbour del {to} dev eth0");

    private async Task<PeerResponse> PeerAsync(NetworkResponse network, MachineHost machine) =>
        (await fixture.Backend.PeersAsync(network.Name)).Single(peer => peer.Name == machine.Host.Name);

    private static async Task<string> EndpointAsync(MachineHost machine, NetworkResponse network) =>
        (await machine.StatusOfAsync(network))?.GetProperty("hub").GetProperty("endpoint").GetString() ?? throw new JsonException("There is no endpoint.");

    private static async Task RunAsync(LabHost host, string commands) => (await host.RunAsync("sh", ["-c", $"set -e; {commands}"])).Succeeded();
}
