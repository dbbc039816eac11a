using Elysium.Lab;
using Elysium.Lab.Pinging;

namespace Elysium.EndToEnd.Tests.Leaving;

public sealed class LeavingTests(InstallationFixture fixture) : IClassFixture<InstallationFixture>
{
    [Fact]
    public async Task Revoking_cuts_a_machine_off_at_the_hub_and_on_itself_while_the_others_go_on()
    {
        var network = await fixture.NetworkAsync();
        var machines = await fixture.JoinedAsync(network, 3);
        var revoked = machines[2];
        var other = await fixture.Backend.AddressOfAsync(network, machines[1]);
        await revoked.Host.ReachesAsync(other, Expect.Soon);
        var key = (await fixture.Backend.PeersAsync(network.Name)).Single(peer => peer.Name == revoked.Host.Name).WireGuardPublicKey;
        var name = await revoked.InterfaceOfAsync(network);
        var ping = await ContinuousPing.StartAsync(machines[0].Host, other);

        (await fixture.Backend.AdminAsync(["peer", "revoke", network.Name, revoked.Host.Name, "--yes"])).Succeeded();

        await Eventually.HoldsAsync(
            "the hub has its key no more",
            TimeSpan.FromSeconds(5),
            async () => !(await fixture.Backend.Host.PeersOfAsync(network.Interface)).Contains(key));
        await revoked.Host.LinkIsAsync(name, there: false);
        await revoked.StandsAsync(network, "revoked");
        await Eventually.HoldsAsync(
            "the others have forgotten it",
            Expect.Soon,
            async () => !(await machines[0].ElysiumAsync(["peers"])).Succeeded().Output.Contains(revoked.Host.Name, StringComparison.Ordinal));
        await ping.AnswersAsync(5, Expect.Soon);
        (await ping.StopAsync()).Lost.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_revoked_machine_that_keeps_its_interface_up_by_hand_is_cut_off_all_the_same()
    {
        var network = await fixture.NetworkAsync();
        var machine = (await fixture.JoinedAsync(network, 1))[0];
        await machine.Host.ReachesAsync(network.HubAddress, Expect.Soon);
        await machine.KillAgentAsync();

        (await fixture.Backend.AdminAsync(["peer", "revoke", network.Name, machine.Host.Name, "--yes"])).Succeeded();

        await machine.Host.IsCutOffFromAsync(network.HubAddress, Expect.Soon);
    }

    [Fact]
    public async Task Leaving_removes_interface_state_and_peer()
    {
        var network = await fixture.NetworkAsync();
        var machines = await fixture.JoinedAsync(network, 2);
        var leaving = machines[0];
        await leaving.Host.ReachesAsync(network.HubAddress, Expect.Soon);
        var name = await leaving.InterfaceOfAsync(network);

        (await leaving.ElysiumAsync(["leave", network.Name])).Succeeded();

        (await leaving.Host.HasLinkAsync(name)).ShouldBeFalse();
        leaving.Host.ProcessIds("wireguard-go").ShouldBeEmpty();
        (await leaving.ElysiumAsync(["status"])).ExitCode.ShouldBe(3);
        Directory.EnumerateFiles(leaving.State, "*.key", SearchOption.AllDirectories).ShouldBeEmpty();
        (await fixture.Backend.PeersAsync(network.Name)).ShouldHaveSingleItem().Name.ShouldBe(machines[1].Host.Name);
        await Eventually.HoldsAsync(
            "the hub has one peer", Expect.Soon, async () => (await fixture.Backend.Host.PeersOfAsync(network.Interface)).Length == 1);
    }

    [Fact]
    public async Task A_machine_that_left_joins_again_with_a_new_code()
    {
        var network = await fixture.NetworkAsync();
        var machine = (await fixture.JoinedAsync(network, 1))[0];
        await machine.Host.ReachesAsync(network.HubAddress, Expect.Soon);
        (await machine.ElysiumAsync(["leave", network.Name])).Succeeded();

        (await machine.JoinAsync(await fixture.Backend.CreateJoinCodeAsync(network.Name))).Succeeded();

        await machine.Host.ReachesAsync(network.HubAddress, Expect.Soon);
    }

    [Fact]
    public async Task Deleting_a_network_removes_the_hubs_interface_and_those_of_its_machines()
    {
        var network = await fixture.NetworkAsync();
        var machines = await fixture.JoinedAsync(network, 2);
        foreach (var machine in machines)
        {
            await machine.Host.ReachesAsync(network.HubAddress, Expect.Soon);
        }

        (await fixture.Backend.AdminAsync(["network", "delete", network.Name, "--yes"])).Succeeded();

        await fixture.Backend.Host.LinkIsAsync(network.Interface, there: false);
        foreach (var machine in machines)
        {
            await machine.Host.LinkIsAsync("wg0", there: false);
            await machine.StandsAsync(network, "revoked");
        }
    }
}
