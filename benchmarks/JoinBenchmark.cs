using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using Elysium.Contracts;
using Elysium.Lab;
using Elysium.Lab.Product;

namespace Elysium.Benchmarks;

/// <summary>How fast machines join, and how soon after that they reach something.</summary>
internal static class JoinBenchmark
{
    private const int Joins = 500;
    private const int Clients = 16;
    private const int FirstPings = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var installation = await Installation.StartAsync([], cancellationToken: cancellationToken);
        await MeasureEnrolmentsAsync(installation, cancellationToken);
        await MeasureFirstPingAsync(installation, cancellationToken);
    }

    private static async Task MeasureEnrolmentsAsync(Installation installation, CancellationToken cancellationToken)
    {
        await installation.Backend.CreateNetworkAsync("many", "10.64.0.0/16", cancellationToken: cancellationToken);
        var code = await installation.Backend.CreateJoinCodeAsync("many", uses: 2 * Joins, cancellationToken);
        var load = await installation.Backend.Host.RunAsync(
            Environment.ProcessPath!,
            ["enroll", Joins.ToString(CultureInfo.InvariantCulture), Clients.ToString(CultureInfo.InvariantCulture)],
            input: code,
            limit: TimeSpan.FromMinutes(3),
            cancellationToken: cancellationToken);
        Console.Write(load.Succeeded().Output);
    }

    // A network of its own, so that the machines of the load are not among its peers.
    private static async Task MeasureFirstPingAsync(Installation installation, CancellationToken cancellationToken)
    {
        var network = await installation.Backend.CreateNetworkAsync("few", "10.65.0.0/24", cancellationToken: cancellationToken);
        var code = await installation.Backend.CreateJoinCodeAsync("few", FirstPings, cancellationToken);
        var took = new List<double>();
        for (var number = 1; number <= FirstPings; number++)
        {
            var machine = installation.AddMachine($"first-{number}");
            took.Add(await FirstPingAsync(machine.Host, code, network, cancellationToken));
        }

        Figures.Print("first_ping_ms", Figures.Percentile(took, 0.5));
    }

    private static async Task<double> FirstPingAsync(LabHost host, string code, NetworkResponse network, CancellationToken cancellationToken)
    {
        var hub = IPAddress.Parse(network.HubAddress);
        var start = TimeProvider.System.GetTimestamp();
        var agent = await host.StartAsync(
            Binaries.Client, ["run", "--join", code, "--name", host.Name], cancellationToken: cancellationToken);
        while (!host.Run(() => Answers(hub)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (agent.HasExited || TimeProvider.System.GetElapsedTime(start) > Limit)
            {
                throw new LabException($"No ping was answered. The agent said:\n{agent.Log}");
            }

            // Or it would take the processor from those it measures.
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }

        return TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
    }

    // On the host's thread, so that the socket is the host's. While there is no route it fails at once.
    private static bool Answers(IPAddress address)
    {
        using var ping = new Ping();
        try
        {
            return ping.Send(address, timeout: 100).Status == IPStatus.Success;
        }
        catch (PingException)
        {
            return false;
        }
    }
}
