using Elysium.Lab;
using Elysium.Lab.Pinging;

namespace Elysium.EndToEnd.Tests.Survival;

public sealed class RestartTests(InstallationFixture fixture) : IClassFixture<InstallationFixture>
{
    [Fact]
    public async Task An_agent_that_was_killed_and_starts_again_adopts_its_engine_without_losing_a_ping()
    {
        var network = await fixture.NetworkAsync();
        var machine = (await fixture.JoinedAsync(network, 1))[0];
        await machine.Host.ReachesAsync(network.HubAddress, Expect.Soon);
        var engine = machine.Host.ProcessIds("wireguard-go").ShouldHaveSingleItem();
        var ping = await ContinuousPing.StartAsync(machine.Host, network.HubAddress);

        await machine.KillAgentAsync();
        await ping.AnswersAsync(10, Expect.Soon);
        await machine.StartAgentAsync();
        await machine.StandsAsync(network, "connected");
        await ping.AnswersAsync(10, Expect.Soon);

        (await ping.StopAsync()).Lost.ShouldBeEmpty();
        machine.Host.ProcessIds("wireguard-go").ShouldBe([engine]);
    }

    [Fact]
    public async Task An_agent_that_is_stopped_ends_well_and_leaves_its_interface_working()
    {
        var network = await fixture.NetworkAsync();
        var machine = (await fixture.JoinedAsync(network, 1))[0];
        await machine.StandsAsync(network, "connected");
        await machine.Host.ReachesAsync(network.HubAddress, Expect.Soon);

        (await machine.Agent!.StopAsync(Expect.Soon)).ShouldBe(0);

        (await machine.Host.AnswersAsync(network.HubAddress)).ShouldBeTrue();
    }

    [Fact]
    public async Task An_agent_starts_from_its_last_map_when_the_backend_is_gone()
    {
        var network = await fixture.NetworkAsync();
        var machines = await fixture.JoinedAsync(network, 2);
        var (machine, other) = (machines[0], await fixture.Backend.AddressOfAsync(network, machines[1]));
        await machine.Host.ReachesAsync(other, Expect.Soon);
        var name = await machine.InterfaceOfAsync(network);
        await machine.KillAgentAsync();
        await fixture.Backend.KillAsync();
        try
        {
            // As after a reboot: no interface, no engine.
            (await machine.Host.RunAsync("ip", ["link", "delete", name])).Succeeded();
            await machine.StartAgentAsync();

            await machine.Host.ReachesAsync(other, Expect.Soon);
            await machine.StandsAsync(network, "stale");
        }
        finally
        {
            await fixture.Backend.StartAsync();
        }
    }

    [Fact]
    public async Task An_agent_serves_its_other_networks_when_the_record_of_one_is_damaged_and_names_that_one()
    {
        var (sound, damaged) = (await fixture.NetworkAsync(), await fixture.NetworkAsync());
        var machine = fixture.Machine();
        foreach (var network in new[] { sound, damaged })
        {
            (await machine.JoinAsync(await fixture.Backend.CreateJoinCodeAsync(network.Name))).Succeeded();
        }

        await machine.StartAgentAsync();
        await machine.Host.ReachesAsync(sound.HubAddress, Expect.Soon);
        await machine.Host.ReachesAsync(damaged.HubAddress, Expect.Soon);

        // While it is served nothing happens to it; the next agent cannot tell what it is.
        await File.WriteAllTextAsync(Path.Combine(machine.State, damaged.Id.ToString("D"), "network.json"), "{");
        await machine.Agent!.SaysAsync($"{damaged.Id}/network.json is damaged", Expect.Soon);
        await machine.KillAgentAsync();
        await machine.StartAgentAsync();

        await machine.Agent.SaysAsync($"{damaged.Id}/network.json is damaged", Expect.Soon);
        await machine.StandsAsync(sound, "connected");
        (await machine.Host.AnswersAsync(sound.HubAddress)).ShouldBeTrue();
        (await machine.Host.AnswersAsync(damaged.HubAddress)).ShouldBeTrue("its interface stays");
    }

    [Fact]
    public async Task A_backend_that_was_stopped_leaves_its_interfaces_and_down_removes_them()
    {
        var network = await fixture.NetworkAsync();
        var machine = (await fixture.JoinedAsync(network, 1))[0];
        await machine.Host.ReachesAsync(network.HubAddress, Expect.Soon);

        (await fixture.Backend.Process!.StopAsync(Expect.Soon)).ShouldBe(0);
        try
        {
            (await machine.Host.AnswersAsync(network.HubAddress)).ShouldBeTrue();
            (await fixture.Backend.Host.RunAsync("nft", ["list", "table", "inet", "elysium"])).Succeeded();
            (await fixture.Backend.VerbAsync("down")).Succeeded();
            (await fixture.Backend.Host.HasLinkAsync(network.Interface)).ShouldBeFalse();
            (await fixture.Backend.Host.RunAsync("nft", ["list", "ruleset"])).Succeeded().Output.ShouldBeEmpty();

            // An engine takes its link away first and ends a moment later; only its parent could wait for that.
            await Eventually.HoldsAsync("the engines have ended", Expect.Soon, () => Task.FromResult(fixture.Backend.Host.ProcessIds("wireguard-go").Count == 0));
        }
        finally
        {
            await fixture.Backend.StartAsync();
        }

        await machine.Host.ReachesAsync(network.HubAddress, Expect.Soon);
    }
}
