using Elysium.Lab.Pinging;
using Elysium.Lab.Product;

namespace Elysium.EndToEnd.Tests.Joining;

public sealed class JoiningTests(InstallationFixture fixture) : IClassFixture<InstallationFixture>
{
    [Fact]
    public async Task Two_machines_reach_each_other_and_the_hub_both_ways()
    {
        var network = await fixture.NetworkAsync();
        var machines = await fixture.JoinedAsync(network, 2);
        foreach (var (from, to) in ((MachineHost, MachineHost)[])[(machines[0], machines[1]), (machines[1], machines[0])])
        {
            var address = await fixture.Backend.AddressOfAsync(network, to);
            await from.Host.ReachesAsync(address, Expect.Soon);
            await from.Host.ReachesAsync(network.HubAddress, Expect.Soon);
            await fixture.Backend.Host.ReachesAsync(address, Expect.Soon);

            (await from.ElysiumAsync(["ping", to.Host.Name, "-c", "1"])).Succeeded();
            (await from.ElysiumAsync(["ping", "hub", "-c", "1"])).Succeeded();
        }
    }

    [Fact]
    public async Task A_machine_in_two_networks_reaches_both()
    {
        var (first, second) = (await fixture.NetworkAsync(), await fixture.NetworkAsync());
        var both = fixture.Machine();
        foreach (var network in new[] { first, second })
        {
            (await both.JoinAsync(await fixture.Backend.CreateJoinCodeAsync(network.Name))).Succeeded();
        }

        await both.StartAgentAsync();
        var inFirst = (await fixture.JoinedAsync(first, 1))[0];
        var inSecond = (await fixture.JoinedAsync(second, 1))[0];
        var (addressInFirst, addressInSecond) =
            (await fixture.Backend.AddressOfAsync(first, inFirst), await fixture.Backend.AddressOfAsync(second, inSecond));

        await both.Host.ReachesAsync(addressInFirst, Expect.Soon);
        await both.Host.ReachesAsync(addressInSecond, Expect.Soon);
        (await both.InterfaceOfAsync(first)).ShouldNotBe(await both.InterfaceOfAsync(second));
    }

    [Fact]
    public async Task A_machine_that_joins_while_others_run_is_reached_by_them_by_name()
    {
        var network = await fixture.NetworkAsync();
        var early = (await fixture.JoinedAsync(network, 1))[0];
        await early.StandsAsync(network, "connected");

        var late = (await fixture.JoinedAsync(network, 1))[0];

        await early.Host.ReachesAsync(await fixture.Backend.AddressOfAsync(network, late), Expect.Soon);
        (await early.ElysiumAsync(["ping", late.Host.Name, "-c", "1"])).Succeeded();
        (await early.ElysiumAsync(["peers"])).Succeeded().Output.ShouldContain(late.Host.Name);
    }

    [Fact]
    public async Task Joining_again_with_the_same_code_is_harmless()
    {
        var network = await fixture.NetworkAsync();
        var machine = fixture.Machine();
        var code = await fixture.Backend.CreateJoinCodeAsync(network.Name, uses: 1);

        (await machine.JoinAsync(code)).Succeeded();
        (await machine.JoinAsync(code)).Succeeded();

        (await fixture.Backend.PeersAsync(network.Name)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_agent_joins_by_itself_when_it_is_given_a_code()
    {
        var network = await fixture.NetworkAsync();
        var machine = fixture.Machine();
        var code = await fixture.Backend.CreateJoinCodeAsync(network.Name);

        await machine.Host.StartAsync(Elysium.Lab.Binaries.Client, ["run", "--join", code, "--name", machine.Host.Name]);

        await machine.Host.ReachesAsync(network.HubAddress, Expect.Soon);
    }
}
