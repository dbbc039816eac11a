using System.Globalization;
using Elysium.Contracts;
using Elysium.Lab;
using Elysium.Lab.Pinging;
using Elysium.Lab.Product;

namespace Elysium.Demo;

/// <summary>The first milestone, end to end, with the published binaries.</summary>
internal sealed class Story(Progress progress, bool keep)
{
    private static readonly string[] MachineNames = ["alice", "bob", "carol"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<TimeSpan> _joins = [];
    private readonly List<NetworkResponse> _networks = [];
    private int _answered;

    /// <summary>Tells it; the exit code.</summary>
    public async Task<int> TellAsync(CancellationToken cancellationToken)
    {
        try
        {
            progress.Part("A backend and three machines");
            await using var installation = await Installation.StartAsync(MachineNames, cancellationToken: cancellationToken);
            progress.Step($"the backend serves {installation.Backend.Url} on the host hub");

            await JoinAsync(installation, cancellationToken);
            await PingEveryPairAsync(installation, cancellationToken);
            await ShowStatusAsync(installation, cancellationToken);
            await RevokeAsync(installation, cancellationToken);
            await LoseBackendAsync(installation, cancellationToken);

            if (keep)
            {
                SayHowToEnter(installation);
                installation.Lab.Keep();
            }
        }
        catch (Exception exception) when (exception is LabException or TimeoutException)
        {
            Console.WriteLine($"\ndemo: failed: {exception.Message}");
            return 1;
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("\ndemo: stopped");
            return 130;
        }

        var paths = MachineNames.Length * (MachineNames.Length - 1) * _networks.Count;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"\ndemo: ok ({MachineNames.Length} machines, {_networks.Count} networks, {_answered} of {paths} paths answered, join p50 {Median(_joins).TotalMilliseconds:0} ms)"));
        return 0;
    }

    private async Task JoinAsync(Installation installation, CancellationToken cancellationToken)
    {
        progress.Part("Two networks, one join code each");
        foreach (var (name, prefix) in ((string, string)[])[("home", "10.77.0.0/24"), ("work", "10.78.0.0/24")])
        {
            var network = await installation.Backend.CreateNetworkAsync(name, prefix, cancellationToken: cancellationToken);
            _networks.Add(network);
            progress.Step($"network {name}: {network.Prefix} on {network.Interface}, hub {network.HubAddress}");

            var code = await installation.Backend.CreateJoinCodeAsync(name, MachineNames.Length, cancellationToken);
            foreach (var machine in installation.Machines)
            {
                var joined = (await machine.JoinAsync(code, cancellationToken)).Succeeded();
                _joins.Add(joined.Took);
                progress.Step($"{machine.Host.Name} joined {name} in {joined.Took.TotalMilliseconds:0} ms");
            }
        }

        foreach (var machine in installation.Machines)
        {
            await machine.StartAgentAsync(cancellationToken);
        }

        progress.Step("the agents run");
    }

    private async Task PingEveryPairAsync(Installation installation, CancellationToken cancellationToken)
    {
        progress.Part("Every pair, in both directions, in both networks");
        foreach (var network in _networks)
        {
            foreach (var from in installation.Machines)
            {
                foreach (var to in installation.Machines.Where(to => to != from))
                {
                    var ping = await PingAsync(from, to, network, cancellationToken);
                    progress.Step($"{network.Name}: {from.Host.Name} → {to.Host.Name}: {ping}");
                    _answered++;
                }
            }
        }
    }

    // By name, as a user would. The first one may come before the agents have made their interfaces.
    private static Task<string> PingAsync(MachineHost from, MachineHost to, NetworkResponse network, CancellationToken cancellationToken) =>
        Eventually.GivesAsync(
            $"{from.Host.Name} gets an answer from {to.Host.Name} in {network.Name}",
            Patience,
            async () =>
            {
                var result = await from.ElysiumAsync(["ping", to.Host.Name, "-c", "1", "--network", network.Name], cancellationToken);
                return result.ExitCode == 0 ? result.Output.Split('\n')[0].Trim() : null;
            },
            cancellationToken);

    private async Task ShowStatusAsync(Installation installation, CancellationToken cancellationToken)
    {
        progress.Part("What alice sees");
        var status = await installation["alice"].ElysiumAsync(["status"], cancellationToken);
        progress.Quote("elysium status", status.Succeeded().Output);
    }

    private async Task RevokeAsync(Installation installation, CancellationToken cancellationToken)
    {
        progress.Part("Carol is revoked in home");
        var (alice, bob, carol) = (installation["alice"], installation["bob"], installation["carol"]);
        var peers = await installation.Backend.PeersAsync("home", cancellationToken);
        string Address(string name) => peers.Single(peer => peer.Name == name).Address;

        var others = await ContinuousPing.StartAsync(alice.Host, Address("bob"), cancellationToken);
        (await installation.Backend.AdminAsync(["peer", "revoke", "home", "carol", "--yes"], cancellationToken)).Succeeded();
        await carol.Host.IsCutOffFromAsync(Address("alice"), Patience, cancellationToken);
        await carol.Host.IsCutOffFromAsync(_networks[0].HubAddress, Patience, cancellationToken);
        await alice.Host.IsCutOffFromAsync(Address("carol"), Patience, cancellationToken);
        progress.Step("carol reaches neither alice nor the hub in home, and alice does not reach her");

        await others.AnswersAsync(5, Patience, cancellationToken);
        NothingLost(await others.StopAsync(cancellationToken), "alice → bob in home, meanwhile");
        await PingAsync(carol, bob, _networks[1], cancellationToken);
        progress.Step("in work, where nobody revoked her, carol still reaches bob");
    }

    private async Task LoseBackendAsync(Installation installation, CancellationToken cancellationToken)
    {
        progress.Part("The backend is killed (kill -9), and comes back");
        var peers = await installation.Backend.PeersAsync("home", cancellationToken);
        var traffic = await ContinuousPing.StartAsync(
            installation["alice"].Host, peers.Single(static peer => peer.Name == "bob").Address, cancellationToken);
        await installation.Backend.KillAsync(cancellationToken);
        progress.Step("killed");
        await traffic.AnswersAsync(40, Patience, cancellationToken);
        progress.Step("alice and bob went on without it");
        await installation.Backend.StartAsync(cancellationToken);
        progress.Step("started again");
        await traffic.AnswersAsync(25, Patience, cancellationToken);
        NothingLost(await traffic.StopAsync(cancellationToken), "alice → bob in home, before, during and after");
    }

    private void NothingLost(PingTrace trace, string what)
    {
        if (trace.Lost.Count > 0)
        {
            throw new LabException($"{what}: {trace.Lost.Count} of {trace.Sent} pings lost ({string.Join(", ", trace.Lost)}).");
        }

        progress.Step($"{what}: {trace.Answered.Count} pings, none lost");
    }

    private static void SayHowToEnter(Installation installation)
    {
        Console.WriteLine("\nThe lab stays up. To enter a host:");
        Console.WriteLine($"  hub:   nsenter -t {installation.Backend.Process!.Id} -n -m");
        foreach (var machine in installation.Machines)
        {
            Console.WriteLine($"  {machine.Host.Name + ":",-6} nsenter -t {machine.Agent!.Id} -n -m    then, for example: /run/lab/elysium status");
        }

        Console.WriteLine("To take it down: ./scripts/demo.sh --down");
    }

    private static TimeSpan Median(List<TimeSpan> times) => times.Order().ElementAt(times.Count / 2);
}
