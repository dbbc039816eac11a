using Elysium.Contracts;
using Elysium.Lab;
using Elysium.Lab.Pinging;
using Elysium.Lab.Postgres;
using Elysium.Lab.Product;

namespace Elysium.EndToEnd.Tests.Faults;

/// <summary>A thousand agents lose the backend in one instant.</summary>
public sealed class ReconnectingTests
{
    private const int Many = 1000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_thousand_agents_come_back_after_a_kill_and_after_a_restart_and_all_have_the_same_map()
    {
        await using var installation = await Installation.StartWithPostgresAsync(new PostgresOptions());
        var backend = installation.Backend;
        var network = await backend.CreateNetworkAsync("many", "10.64.0.0/16");
        MachineHost[] machines = [await installation.AddJoinedAsync("one", network.Name), await installation.AddJoinedAsync("two", network.Name)];
        var crowd = installation.Lab.AddHost("crowd");
        var members = await JoinAllAsync(crowd, await backend.CreateJoinCodeAsync(network.Name, uses: Many));
        var ping = await ContinuousPing.StartAsync(machines[0].Host, await backend.AddressOfAsync(network, machines[1]));
        using var over = new CancellationTokenSource();
        var following = Task.WhenAll(members.Select(member => Task.Run(() => member.FollowAsync(over.Token))));
        try
        {
            await AllHaveAsync(members, await VersionAsync(backend, network));

            await backend.KillAsync();
            await Eventually.HoldsAsync("all noticed", Limit, () => Task.FromResult(members.All(static m => !m.IsConnected)));
            await backend.StartAsync();
            await AllHaveAsync(members, await VersionAsync(backend, network));

            // In good order: each is told when to come back. What happens while they are away reaches them all.
            (await backend.Process!.StopAsync(Limit)).ShouldBe(0);
            await Eventually.HoldsAsync("all noticed", Limit, () => Task.FromResult(members.All(static m => !m.IsConnected)));
            await backend.StartAsync();
            (await backend.AdminAsync(["peer", "revoke", network.Name, "two", "--yes"])).Succeeded();
            await AllHaveAsync(members, await VersionAsync(backend, network));
        }
        finally
        {
            await over.CancelAsync();
            await following;
            members.ForEach(static member => member.Dispose());
        }

        await installation.HaveNoGapAsync(network);
        var trace = await ping.StopAsync();

        // The last one that it pinged was revoked; until then not one was lost.
        var last = trace.Answered[^1];
        trace.Lost.ShouldAllBe(lost => lost > last);
    }

    private static async Task<List<Member>> JoinAllAsync(LabHost crowd, string joinCode)
    {
        JoinCode.TryParse(joinCode, out var code, out var error).ShouldBeTrue(error);
        using var client = LabConnections.Client(crowd, code!.Url, Limit);
        var members = new List<Member>();
        foreach (var some in Enumerable.Range(1, Many).Chunk(50))
        {
            members.AddRange(await Task.WhenAll(some.Select(number => Member.JoinAsync(crowd, client, code, $"member-{number}"))));
        }

        return members;
    }

    private static async Task<long> VersionAsync(BackendHost backend, NetworkResponse network) =>
        (await backend.AdminAsync(["network", "show", network.Name, "--json"])).Json().GetProperty("version").GetInt64();

    private static Task AllHaveAsync(List<Member> members, long version) => Eventually.HoldsAsync(
        $"all {Many} have a stream and version {version}",
        Limit,
        () => Task.FromResult(members.All(member => member.IsConnected && member.Version == version)));
}
