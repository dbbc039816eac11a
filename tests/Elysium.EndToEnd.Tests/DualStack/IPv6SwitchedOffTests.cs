using Elysium.Lab.Pinging;

namespace Elysium.EndToEnd.Tests.DualStack;

/// <summary>Containers often have IPv6 switched off, whatever their networks could have.</summary>
public sealed class IPv6SwitchedOffTests(InstallationFixture fixture) : IClassFixture<InstallationFixture>
{
    [Fact]
    public async Task A_machine_has_the_ipv4_half_of_a_dual_stack_network_and_says_what_is_missing()
    {
        var network = await fixture.Backend.CreateNetworkAsync("both", "10.79.0.0/24", "auto");
        var whole = (await fixture.JoinedAsync(network, 1))[0];
        var half = fixture.Machine();
        (await half.Host.RunAsync("sh", ["-c", "echo 1 | tee /proc/sys/net/ipv6/conf/all/disable_ipv6 > /proc/sys/net/ipv6/conf/default/disable_ipv6"])).Succeeded();

        (await half.JoinAsync(await fixture.Backend.CreateJoinCodeAsync(network.Name))).Succeeded();
        await half.StartAgentAsync();

        await half.Host.ReachesAsync(await fixture.Backend.AddressOfAsync(network, whole), Expect.Soon);
        await whole.Host.ReachesAsync(await fixture.Backend.AddressOfAsync(network, half), Expect.Soon);
        (await half.Host.AnswersAsync(network.HubAddress6!)).ShouldBeFalse();
        await whole.Host.ReachesAsync(network.HubAddress6!, Expect.Soon);
        (await half.StatusOfAsync(network))!.Value.GetProperty("interfaceProblem").GetString().ShouldNotBeNull().ShouldContain("IPv6 is switched off");
    }
}
