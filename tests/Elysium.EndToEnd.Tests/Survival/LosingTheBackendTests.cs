using Elysium.Lab.Pinging;

namespace Elysium.EndToEnd.Tests.Survival;

public sealed class LosingTheBackendTests(InstallationFixture fixture) : IClassFixture<InstallationFixture>
{
    [Fact]
    public async Task A_minute_without_the_backend_costs_not_one_ping()
    {
        var network = await fixture.NetworkAsync();
        var machines = await fixture.JoinedAsync(network, 2);
        var expiring = await fixture.Backend.AdminAsync(["token", "create", network.Name, "--expires", "60s"]);
        var engine = fixture.Backend.Host.ProcessIds("wireguard-go").ShouldHaveSingleItem();
        var there = await ContinuousPing.StartAsync(machines[0].Host, await fixture.Backend.AddressOfAsync(network, machines[1]));
        var back = await ContinuousPing.StartAsync(machines[1].Host, await fixture.Backend.AddressOfAsync(network, machines[0]));

        await fixture.Backend.KillAsync();
        await there.AnswersAsync(60 * 5, within: TimeSpan.FromSeconds(90));
        await fixture.Backend.StartAsync();
        await there.AnswersAsync(5 * 5, Expect.Soon);

        (await there.StopAsync()).Lost.ShouldBeEmpty();
        (await back.StopAsync()).Lost.ShouldBeEmpty();
        fixture.Backend.Host.ProcessIds("wireguard-go").ShouldBe([engine]);

        // The minute has a second use.
        var late = await fixture.Machine().JoinAsync(expiring.Succeeded().Output.Trim());
        late.ExitCode.ShouldBe(5, late.Errors);
        late.Errors.ShouldContain("expired");
    }
}
