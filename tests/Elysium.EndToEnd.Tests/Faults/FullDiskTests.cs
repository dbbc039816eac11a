using Elysium.Lab;
using Elysium.Lab.Pinging;
using Elysium.Lab.Product;

namespace Elysium.EndToEnd.Tests.Faults;

/// <summary>The disk of the embedded database is full while machines join.</summary>
public sealed class FullDiskTests
{
    private const string Data = "/var/lib/elysium-backend";
    private const int Many = 100;
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Nothing_is_lost_or_doubled_and_it_goes_on_when_there_is_room_again()
    {
        await using var installation = await Installation.StartAsync([]);
        var backend = installation.Backend;
        var network = await backend.CreateNetworkAsync("busy", "10.64.0.0/16");
        MachineHost[] machines = [await installation.AddJoinedAsync("one", network.Name), await installation.AddJoinedAsync("two", network.Name)];
        var code = await backend.CreateJoinCodeAsync(network.Name, uses: 50_000);
        (await backend.Process!.StopAsync(Expect.Soon)).ShouldBe(0);
        await ShellAsync(backend, $"cp -a {Data} /run/data && mount -t tmpfs -o size=32m,mode=700 tmpfs {Data} && cp -a /run/data/. {Data}");
        await backend.StartAsync();
        var ping = await ContinuousPing.StartAsync(machines[0].Host, await backend.AddressOfAsync(network, machines[1]));

        await using (var newcomers = Newcomers.Start(installation.Lab.AddHost("crowd"), code))
        {
            await newcomers.JoinAsync(100, Recovery);
            await ShellAsync(backend, $"! dd if=/dev/zero of={Data}/filler bs=64k 2>/dev/null");
            await Eventually.HoldsAsync("enrolments fail", Recovery, () => Task.FromResult(newcomers.Failures > Many));
            var revoking = await backend.AdminAsync(["peer", "revoke", network.Name, "two", "--yes"]);
            revoking.ExitCode.ShouldNotBe(0);
            revoking.Errors.ShouldContain("disk full");

            await ShellAsync(backend, $"rm {Data}/filler");
            await newcomers.JoinAsync(200, Recovery);
            await newcomers.EndAsync(Recovery);
            await backend.BalanceAsync(network, newcomers, code, others: machines.Length);

            // What was told before is still so after a crash.
            await backend.KillAsync();
            await backend.StartAsync();
            await backend.BalanceAsync(network, newcomers, code, others: machines.Length);
        }

        await backend.ConvergeAsync(network, machines);
        await backend.StandOnTheHubAsync(network);
        (await ping.StopAsync()).Lost.ShouldBeEmpty();
    }

    private static async Task ShellAsync(BackendHost backend, string script) => (await backend.Host.RunAsync("sh", ["-c", script])).Succeeded();
}
