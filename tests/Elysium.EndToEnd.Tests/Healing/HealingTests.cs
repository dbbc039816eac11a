using Elysium.Lab;
using Elysium.Lab.Pinging;

namespace Elysium.EndToEnd.Tests.Healing;

/// <summary>What someone breaks by hand on a running system is whole again within seconds.</summary>
public sealed class HealingTests(InstallationFixture fixture) : IClassFixture<InstallationFixture>
{
    // The hub looks every two seconds, and calls who was connected. Without that call a machine gives up its half of a lost session only
    // after 15 s of silence (WireGuard, §6.2 and §6.5: KEEPALIVE_TIMEOUT + REKEY_TIMEOUT).
    private static readonly TimeSpan WithinSeconds = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("ip link delete IFACE")]
    [InlineData("rm /run/wireguard/IFACE.sock")]
    [InlineData("ip link set IFACE down")]
    [InlineData("ip address flush dev IFACE")]
    [InlineData("ip route flush dev IFACE")]
    [InlineData("ip link set IFACE name elsewhere")]
    [InlineData("wg set IFACE peer PEER remove")]
    public async Task The_hub_heals(string harm)
    {
        var network = await fixture.NetworkAsync();
        var machine = (await fixture.JoinedAsync(network, 1))[0];
        await machine.Host.ReachesAsync(network.HubAddress, Expect.Soon);

        await Eventually.HoldsAsync(
            "the hub has seen the machine where it is",
            Expect.Soon,
            async () => (await fixture.Backend.PeersAsync(network.Name)).Single(p => p.Name == machine.Host.Name).Endpoint is not null);

        await HarmAsync(fixture.Backend.Host, network.Interface, harm);

        await machine.Host.ReachesAsync(network.HubAddress, WithinSeconds);
    }

    [Theory]
    [InlineData("ip link delete IFACE")]
    [InlineData("rm /run/wireguard/IFACE.sock")]
    [InlineData("ip link set IFACE down")]
    [InlineData("ip address flush dev IFACE")]
    [InlineData("ip route flush dev IFACE")]
    [InlineData("wg set IFACE peer PEER remove")]
    public async Task A_machine_heals(string harm)
    {
        var network = await fixture.NetworkAsync();
        var machine = (await fixture.JoinedAsync(network, 1))[0];
        await machine.Host.ReachesAsync(network.HubAddress, Expect.Soon);

        await HarmAsync(machine.Host, await machine.InterfaceOfAsync(network), harm);

        await machine.Host.ReachesAsync(network.HubAddress, Expect.Soon);
    }

    [Fact]
    public async Task Relaying_that_was_switched_off_on_the_hub_comes_back()
    {
        var network = await fixture.NetworkAsync();
        var machines = await fixture.JoinedAsync(network, 2);
        var other = await fixture.Backend.AddressOfAsync(network, machines[1]);
        await machines[0].Host.ReachesAsync(other, Expect.Soon);

        await HarmAsync(fixture.Backend.Host, network.Interface, "sysctl -qw net.ipv4.conf.IFACE.forwarding=0");

        await machines[0].Host.ReachesAsync(other, Expect.Soon);
    }

    private static async Task HarmAsync(LabHost host, string name, string harm)
    {
        var peer = (await host.PeersOfAsync(name))[0];
        var command = harm.Replace("IFACE", name, StringComparison.Ordinal).Replace("PEER", peer, StringComparison.Ordinal);
        (await host.RunAsync("sh", ["-c", command])).Succeeded();
    }
}
