using Elysium.Benchmarks.WireGuard;
using Elysium.Linux;

namespace Elysium.Benchmarks;

/// <summary>How fast devices of the userspace engine are set, changed and read.</summary>
internal static class WireGuardBenchmark
{
    private const string Name = "wg0";
    private const int Pairs = 11;

    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var lab = await Lab.Lab.CreateAsync(cancellationToken);
        var host = lab.AddHost("bench");
        host.Run(() =>
        {
            var engine = new WireGuardGo(host.Logs, TimeProvider.System);
            engine.Start(Name, cancellationToken);
            new DeviceFigures(engine, Name, host.Folder, 1_000, Pairs).Print("thousand_");
            var figures = new DeviceFigures(engine, Name, host.Folder, 10_000, Pairs);
            figures.Print("");
            figures.PrintRead("cold_read", Environment.ProcessPath!, "read", Name);
            return engine.Stop(Name, cancellationToken);
        });
    }

    /// <summary>Reads a device, as a program does that is started for that alone.</summary>
    public static void Read(string name) => Console.WriteLine(new UserspaceWireGuard(TimeProvider.System).Get(name)?.Peers.Count);
}
