using Elysium.Lab;
using Elysium.Lab.Pinging;

namespace Elysium.EndToEnd.Tests.Status;

public sealed class StatusTests(InstallationFixture fixture) : IClassFixture<InstallationFixture>
{
    [Fact]
    public async Task Status_tells_what_is()
    {
        var network = await fixture.NetworkAsync();
        var machine = (await fixture.JoinedAsync(network, 2))[0];
        await machine.StandsAsync(network, "connected");
        await machine.Host.ReachesAsync(network.HubAddress, Expect.Soon);
        await Eventually.HoldsAsync("the map has the other one", Expect.Soon, async () => (await machine.StatusOfAsync(network))?.GetProperty("peers").GetInt32() == 1);

        var status = (await machine.StatusOfAsync(network))!.Value;
        status.GetProperty("name").GetString().ShouldBe(machine.Host.Name);
        status.GetProperty("address").GetString().ShouldBe(await fixture.Backend.AddressOfAsync(network, machine));
        status.GetProperty("engine").GetString().ShouldBe("userspace");
        status.GetProperty("hub").GetProperty("endpoint").GetString().ShouldBe(network.Endpoint);
        status.GetProperty("hub").GetProperty("lastHandshakeAt").GetDateTimeOffset().ShouldBeGreaterThan(network.CreatedAt);
        (await machine.ElysiumAsync(["status"])).Succeeded().Output.ShouldContain("connected");
    }

    [Fact]
    public async Task An_agent_that_was_killed_is_said_not_to_run()
    {
        var network = await fixture.NetworkAsync();
        var machine = (await fixture.JoinedAsync(network, 1))[0];
        await machine.StandsAsync(network, "connected");

        await machine.KillAgentAsync();

        await machine.StandsAsync(network, "agentStopped");
        (await machine.ElysiumAsync(["status"])).Succeeded().Output.ShouldContain("agent not running");
    }

    [Fact]
    public async Task A_backend_that_is_gone_makes_it_stale_and_one_that_is_back_connected()
    {
        var network = await fixture.NetworkAsync();
        var machine = (await fixture.JoinedAsync(network, 1))[0];
        await machine.StandsAsync(network, "connected");

        await fixture.Backend.KillAsync();
        await machine.StandsAsync(network, "stale");
        (await machine.ElysiumAsync(["status"])).Succeeded().Output.ShouldContain("stale since");

        await fixture.Backend.StartAsync();
        await machine.StandsAsync(network, "connected", within: TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_machine_in_no_network_says_so()
    {
        var result = await fixture.Machine().ElysiumAsync(["status"]);
        result.ExitCode.ShouldBe(3);
        result.Errors.ShouldStartWith("elysium: ");
    }
}
