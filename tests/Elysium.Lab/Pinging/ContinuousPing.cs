namespace Elysium.Lab.Pinging;

/// <summary>A ping that runs from one host until it is stopped, five a second, and tells which were lost.</summary>
public sealed class ContinuousPing
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private readonly HostProcess _process;

    private ContinuousPing(HostProcess process) => _process = process;

    /// <summary>How many answers came so far.</summary>
    public int Answers => File.ReadLines(_process.OutputPath).Count(static line => line.Contains("icmp_seq=", StringComparison.Ordinal));

    /// <summary>Starts it, and waits for the first answer.</summary>
    public static async Task<ContinuousPing> StartAsync(LabHost host, string address, CancellationToken cancellationToken = default)
    {
        var ping = new ContinuousPing(await host.StartAsync("ping", ["-n", "-i", "0.2", address], cancellationToken: cancellationToken));
        await ping._process.SaysAsync("bytes from", Limit, cancellationToken);
        return ping;
    }

    /// <summary>Waits for more answers than it has now.</summary>
    public async Task AnswersAsync(int more, TimeSpan within, CancellationToken cancellationToken = default)
    {
        var goal = Answers + more;
        await Eventually.HoldsAsync(
            $"{more} more answers to '{_process.Command}'", within, () => Task.FromResult(Answers >= goal), cancellationToken);
    }

    /// <summary>Stops it.</summary>
    public async Task<PingTrace> StopAsync(CancellationToken cancellationToken = default)
    {
        _process.Signal("INT");
        await _process.ExitAsync(Limit, cancellationToken);
        return PingTrace.Parse(_process.Log);
    }
}
