using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Tests.Networks;

public sealed class AddressTests
{
    [Fact]
    public async Task A_full_network_says_so_and_a_refused_machine_uses_nothing()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync("home", "10.77.0.0/29");
        var code = await backend.CreateCodeAsync(uses: 10);
        var peers = new List<TestPeer>();
        for (var n = 0; n < 5; n++)
        {
            peers.Add(await backend.JoinAsync($"machine-{n}", code));
        }

        var answer = await new TestMachine("late").EnrollAsync(backend, code);

        (await answer.ShouldBeProblemAsync(409, ProblemCodes.NetworkFull)).Detail!.ShouldContain("All 5 addresses of 10.77.0.0/29");
        peers.Select(p => p.Address).ShouldBe(["10.77.0.2", "10.77.0.3", "10.77.0.4", "10.77.0.5", "10.77.0.6"]);
        (await backend.QueryAsync(d => d.EnrollmentTokens.SingleAsync())).Used.ShouldBe(5);
    }

    [Fact]
    public async Task A_released_address_rests_for_its_quarantine_and_then_goes_to_the_next_machine_oldest_first()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync("home", "10.77.0.0/29");
        var code = await backend.CreateCodeAsync(uses: 10, expiresIn: 7 * 86_400);
        for (var n = 0; n < 5; n++)
        {
            await backend.JoinAsync($"machine-{n}", code);
        }

        await backend.Admin.DeleteAsync("/v1/networks/home/peers/machine-3");
        backend.Clock.Offset = TimeSpan.FromHours(1);
        await backend.Admin.DeleteAsync("/v1/networks/home/peers/machine-1");

        await (await new TestMachine("early").EnrollAsync(backend, code)).ShouldBeProblemAsync(409, ProblemCodes.NetworkFull);
        backend.Clock.Offset = TimeSpan.FromHours(24.5);
        (await backend.JoinAsync("first", code)).Address.ShouldBe("10.77.0.5");
        await (await new TestMachine("second").EnrollAsync(backend, code)).ShouldBeProblemAsync(409, ProblemCodes.NetworkFull);
        backend.Clock.Offset = TimeSpan.FromHours(25.5);
        (await backend.JoinAsync("second", code)).Address.ShouldBe("10.77.0.3");
    }

    [Fact]
    public async Task While_addresses_are_left_that_nobody_had_no_released_one_is_given_out()
    {
        await using var backend = await TestBackend.StartAsync(options => options with { AddressQuarantine = TimeSpan.Zero });
        await backend.CreateNetworkAsync("home", "10.77.0.0/29");
        var code = await backend.CreateCodeAsync(uses: 10);
        await backend.JoinAsync("alice", code);
        await backend.Admin.DeleteAsync("/v1/networks/home/peers/alice");

        (await backend.JoinAsync("bob", code)).Address.ShouldBe("10.77.0.3");
    }

    [Fact]
    public async Task The_smallest_network_has_a_hub_and_one_machine()
    {
        await using var backend = await TestBackend.StartAsync();
        var network = await backend.CreateNetworkAsync("pair", "10.77.0.0/30");
        var code = await backend.CreateCodeAsync("pair", uses: 2);

        network.HubAddress.ShouldBe("10.77.0.1");
        network.Capacity.ShouldBe(1);
        (await backend.JoinAsync("only", code)).Address.ShouldBe("10.77.0.2");
        await (await new TestMachine("late").EnrollAsync(backend, code)).ShouldBeProblemAsync(409, ProblemCodes.NetworkFull);
    }
}
