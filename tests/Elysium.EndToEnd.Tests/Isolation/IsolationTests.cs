using Elysium.Contracts;
using Elysium.Lab;
using Elysium.Lab.Pinging;
using Elysium.Lab.Product;

namespace Elysium.EndToEnd.Tests.Isolation;

/// <summary>What a member that does as it likes with its own machine reaches through the hub.</summary>
public sealed class IsolationTests(InstallationFixture fixture) : IClassFixture<InstallationFixture>
{
    private const string HubsOtherAddress = "198.51.100.1";

    [Fact]
    public async Task A_hostile_member_reaches_its_own_network_and_nothing_else_through_the_hub()
    {
        var hub = fixture.Backend.Host;
        var (first, second) = (await fixture.NetworkAsync(), await fixture.NetworkAsync());
        var friend = (await fixture.JoinedAsync(first, 1))[0];
        var hostile = (await fixture.JoinedAsync(first, 1))[0];
        var accomplice = (await fixture.JoinedAsync(second, 1))[0];
        var neighbour = fixture.Machine().Host;
        var (ofFriend, ofAccomplice) = (await fixture.Backend.AddressOfAsync(first, friend), await fixture.Backend.AddressOfAsync(second, accomplice));
        await hostile.Host.ReachesAsync(ofFriend, Expect.Soon);
        await accomplice.Host.ReachesAsync(second.HubAddress, Expect.Soon);

        // The hub's machine routes for others, is in a network of its own, and its neighbour knows the way back to members.
        await ShellAsync(hub, $"sysctl -qw net.ipv4.ip_forward=1; ip link add lan type bridge; ip link set lan up; ip address add {HubsOtherAddress}/24 dev lan");
        await ShellAsync(neighbour, $"ip route add {first.Prefix} via {hub.Address}");

        // The agents, which would put things right, are gone; the tunnels are not. Now each sends whatever it wants into its own.
        string[] targets = [ofAccomplice, second.HubAddress, HubsOtherAddress, neighbour.Address.ToString()];
        await OpenAsync(hostile, first, targets);
        await OpenAsync(accomplice, second, [first.Prefix]);

        (await hostile.Host.AnswersAsync(ofFriend)).ShouldBeTrue();
        foreach (var target in targets)
        {
            (await hostile.Host.AnswersAsync(target)).ShouldBeFalse($"{target} is none of its network");
        }

        // Nothing else keeps it from them: while the rules are away it reaches all.
        foreach (var target in targets)
        {
            await Eventually.HoldsAsync(
                $"{target} is reached while the hub has no rules",
                Expect.Soon,
                async () =>
                {
                    await hub.RunAsync("nft", ["delete", "table", "inet", "elysium"]);
                    return await hostile.Host.AnswersAsync(target);
                });
        }

        foreach (var target in targets)
        {
            await hostile.Host.IsCutOffFromAsync(target, Expect.Soon);
        }

        (await hostile.Host.AnswersAsync(ofFriend)).ShouldBeTrue();
    }

    [Fact]
    public async Task Tables_of_others_are_left_alone_and_told_of_where_they_stand_in_the_way()
    {
        await using var installation = await Installation.StartAsync([]);
        var hub = installation.Backend;
        await ShellAsync(hub.Host, "nft add table inet elysium; nft add chain inet elysium theirs");
        var network = await hub.CreateNetworkAsync("one");
        await hub.Process!.SaysAsync("nft delete table inet elysium", Expect.Soon);
        await hub.Host.LinkIsAsync(network.Interface, there: true);
        (await hub.Host.RunAsync("nft", ["list", "ruleset"])).Succeeded().Output.ShouldContain("theirs");

        await ShellAsync(hub.Host, "nft delete table inet elysium");
        await hub.Process!.SaysAsync("The firewall is as it should be again", Expect.Soon);
        (await hub.Host.RunAsync("nft", ["list", "table", "inet", "elysium"])).Succeeded().Output.ShouldContain(network.Interface);

        await ShellAsync(hub.Host, "nft add table ip filter; nft 'add chain ip filter FORWARD { type filter hook forward priority filter; policy drop; }'");
        await hub.Process!.SaysAsync("(ip filter FORWARD)", Expect.Soon);
        await ShellAsync(hub.Host, "nft delete table ip filter");

        (await hub.AdminAsync(["network", "delete", network.Name, "--yes"])).Succeeded();
        await Eventually.HoldsAsync(
            "the rules go with the last network",
            Expect.Soon,
            async () => (await hub.Host.RunAsync("nft", ["list", "ruleset"])).Succeeded().Output.Length == 0);
    }

    private static async Task OpenAsync(MachineHost machine, NetworkResponse network, IReadOnlyList<string> targets)
    {
        var name = await machine.InterfaceOfAsync(network);
        await machine.KillAgentAsync();
        var peer = (await machine.Host.PeersOfAsync(name))[0];
        await ShellAsync(machine.Host, $"wg set {name} peer {peer} allowed-ips {string.Join(',', targets.Prepend(network.Prefix))}");
        foreach (var target in targets)
        {
            await ShellAsync(machine.Host, $"ip route add {target} dev {name}");
        }
    }

    private static async Task ShellAsync(LabHost host, string script) => (await host.RunAsync("sh", ["-ec", script])).Succeeded();
}
