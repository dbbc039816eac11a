namespace Elysium.Lab.Pinging;

/// <summary>Whether one host reaches an address, tried with single pings until it is as expected.</summary>
public static class Reach
{
    /// <summary>Waits until a ping is answered.</summary>
    public static Task ReachesAsync(this LabHost host, string address, TimeSpan within, CancellationToken cancellationToken = default) =>
        Eventually.HoldsAsync(
            $"{host.Name} reaches {address}", within, () => AnswersAsync(host, address, cancellationToken), cancellationToken);

    /// <summary>Waits until a ping is not answered.</summary>
    public static Task IsCutOffFromAsync(this LabHost host, string address, TimeSpan within, CancellationToken cancellationToken = default) =>
        Eventually.HoldsAsync(
            $"{host.Name} does not reach {address}",
            within,
            async () => !await AnswersAsync(host, address, cancellationToken),
            cancellationToken);

    /// <summary>One ping, with a second for the answer.</summary>
    public static async Task<bool> AnswersAsync(this LabHost host, string address, CancellationToken cancellationToken = default) =>
        (await host.RunAsync("ping", ["-n", "-c", "1", "-W", "1", address], cancellationToken: cancellationToken)).ExitCode == 0;
}
