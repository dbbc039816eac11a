using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Elysium.Lab;
using Elysium.Lab.Pinging;
using Elysium.Lab.Product;

namespace Elysium.Benchmarks;

/// <summary>What the client weighs: on disk, at start, in memory.</summary>
internal static partial class ClientBenchmark
{
    private const int Starts = 20;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(20);

    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        Binaries.Require();
        var client = Path.Combine(Binaries.Folder!, "elysium");
        Figures.Print("binary_mb", new FileInfo(client).Length / 1e6, "0.00");
        Figures.Print("start_ms", Figures.Percentile([.. Enumerable.Range(0, Starts).Select(_ => StartMilliseconds(client))], 0.5));
        Figures.Print("rss_mb", await IdleMemoryAsync(cancellationToken));
        Figures.Print("il_warnings", await TrimWarningsAsync(client + ".log", cancellationToken), "0");
    }

    private static double StartMilliseconds(string client)
    {
        var start = TimeProvider.System.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(client, "--version") { RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? TimeProvider.System.GetElapsedTime(start).TotalMilliseconds
            : throw new LabException($"'elysium --version' ended with {process.ExitCode}.");
    }

    private static async Task<double> IdleMemoryAsync(CancellationToken cancellationToken)
    {
        await using var installation = await Installation.StartAsync([], cancellationToken: cancellationToken);
        var network = await installation.Backend.CreateNetworkAsync("home", "10.77.0.0/24", cancellationToken: cancellationToken);
        var machine = await installation.AddJoinedAsync("alice", "home", cancellationToken: cancellationToken);
        await machine.Host.ReachesAsync(network.HubAddress, Settling, cancellationToken);

        // Past its start, its first heartbeat and a few rounds of reconciling.
        await Task.Delay(Settling, TimeProvider.System, cancellationToken);
        var status = await File.ReadAllTextAsync($"/proc/{machine.Agent!.Id}/status", cancellationToken);
        return long.Parse(ResidentKilobytes().Match(status).Groups[1].Value, CultureInfo.InvariantCulture) * 1024 / 1e6;
    }

    // From the log of a compilation that scripts/bench.sh made sure was not skipped.
    private static async Task<int> TrimWarningsAsync(string log, CancellationToken cancellationToken)
    {
        var text = await File.ReadAllTextAsync(log, cancellationToken);
        return text.Contains("Generating native code", StringComparison.Ordinal)
            ? TrimWarning().Matches(text).Select(static match => match.Value).Distinct().Count()
            : throw new LabException($"{log} shows no native compilation: its warnings were not seen.");
    }

    [GeneratedRegex(@"^VmRSS:\s+(\d+) kB", RegexOptions.Multiline)]
    private static partial Regex ResidentKilobytes();

    [GeneratedRegex(@"^.*(?:warning|error) IL\d{4}.*$", RegexOptions.Multiline)]
    private static partial Regex TrimWarning();
}
