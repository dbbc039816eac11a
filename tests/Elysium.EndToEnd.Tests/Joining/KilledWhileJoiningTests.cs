using System.Security.Cryptography;
using Elysium.Contracts;
using Elysium.Lab;
using Elysium.Lab.Pinging;

namespace Elysium.EndToEnd.Tests.Joining;

/// <summary>
/// <c>kill -9</c> at any moment of enrolling. The network has exactly as many addresses, and the code exactly as many uses, as there
/// are machines: one lost of either, and the last machine could not join.
/// </summary>
public sealed class KilledWhileJoiningTests(InstallationFixture fixture) : IClassFixture<InstallationFixture>
{
    private const int Machines = 5; // a /29 has eight addresses: three are the network's, the broadcast's and the hub's

    [Fact]
    public async Task A_client_that_is_killed_loses_no_address_and_no_use_and_joins_when_it_tries_again()
    {
        var network = await fixture.NetworkAsync(prefixLength: 29);
        var code = await fixture.Backend.CreateJoinCodeAsync(network.Name, uses: Machines);
        for (var number = 0; number < Machines; number++)
        {
            var machine = fixture.Machine();
            for (var attempt = 0; attempt < 6; attempt++)
            {
                var joining = await machine.Host.StartAsync(Binaries.Client, ["join", code, "--name", machine.Host.Name]);
                await WaitAtMost(milliseconds: 120);
                await joining.KillAsync();
            }

            (await machine.JoinAsync(code)).Succeeded();
            await machine.StartAgentAsync();
            await machine.Host.ReachesAsync(network.HubAddress, Expect.Soon);
        }

        await EveryMachineIsOnePeerAsync(network);
    }

    [Fact]
    public async Task A_backend_that_is_killed_loses_no_address_and_no_use_and_the_client_that_waits_joins()
    {
        var network = await fixture.NetworkAsync(prefixLength: 29);
        var code = await fixture.Backend.CreateJoinCodeAsync(network.Name, uses: Machines);
        for (var number = 0; number < Machines; number++)
        {
            var machine = fixture.Machine();
            var joining = await machine.Host.StartAsync(Binaries.Client, ["join", code, "--name", machine.Host.Name]);
            await WaitAtMost(milliseconds: 120);
            await fixture.Backend.KillAsync();
            await fixture.Backend.StartAsync();

            // It may have given up, if the answer was cut off; then the operator runs it again.
            if (await joining.ExitAsync(TimeSpan.FromSeconds(60)) != 0)
            {
                (await machine.JoinAsync(code)).Succeeded();
            }

            await machine.StartAgentAsync();
            await machine.Host.ReachesAsync(network.HubAddress, Expect.Soon);
        }

        await EveryMachineIsOnePeerAsync(network);
    }

    private static Task WaitAtMost(int milliseconds) =>
        Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(milliseconds)), TimeProvider.System, CancellationToken.None);

    private async Task EveryMachineIsOnePeerAsync(NetworkResponse network)
    {
        var peers = await fixture.Backend.PeersAsync(network.Name);
        peers.Count.ShouldBe(Machines);
        peers.Select(static peer => peer.Address).Distinct().Count().ShouldBe(Machines);
        await Eventually.HoldsAsync(
            "the hub has these peers and no other",
            Expect.Soon,
            async () => (await fixture.Backend.Host.PeersOfAsync(network.Interface)).ToHashSet()
                .SetEquals(peers.Select(static peer => peer.WireGuardPublicKey)));
    }
}
