using Elysium.Benchmarks.WireGuard;
using Elysium.Linux;

namespace Elysium.Kernel.Tests;

/// <summary>What <c>scripts/bench.sh wireguard</c> prints of the kernel: on an emulated processor, so only the ratios mean anything.</summary>
internal static class KernelFigures
{
    private const string Name = "wg0";

    public static int Print()
    {
        var engine = new KernelWireGuard();
        engine.Start(Name, CancellationToken.None);
        new DeviceFigures(engine, Name, "/tmp", 1_000, 11).Print("kernel_thousand_");
        return 0;
    }
}
