using System.Diagnostics;
using System.Text.Json;
using Elysium.Linux;
using Elysium.Linux.Tests.Interop;

namespace Elysium.Kernel.Tests;

/// <summary>The published client where the kernel has WireGuard: it takes that, and starts no engine. Its backend is outside the guest.</summary>
internal static class ProductTests
{
    private const string Client = "/usr/bin/elysium";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    public static IReadOnlyList<Check> All => [new(Elysium_joins_a_backend_and_says_that_the_kernel_runs_its_device)];

    private static void Elysium_joins_a_backend_and_says_that_the_kernel_runs_its_device()
    {
        var code = Environment.GetEnvironmentVariable(GuestHost.JoinCode).ShouldNotBeNull();
        var hub = Environment.GetEnvironmentVariable(GuestHost.HubAddress).ShouldNotBeNull();
        Run("join", code, "--name", "guest");
        using var agent = Process.Start(new ProcessStartInfo(Client, ["run"]) { RedirectStandardOutput = true, RedirectStandardError = true }).ShouldNotBeNull();
        try
        {
            JsonElement status = default;
            Until(
                () =>
                {
                    using var document = JsonDocument.Parse(Run("status", "--json"));
                    status = document.RootElement.EnumerateArray().Single().Clone();
                    return status.GetProperty("standing").GetString() == "connected";
                },
                () => $"it should be connected, and says {status}");
            (status.GetProperty("engine").GetString() ?? "").ShouldBe("kernel");

            // Through the tunnel, to an engine of another kind at its other end.
            Until(() => Answers(hub), () => $"the hub does not answer at {hub}");
            var link = status.GetProperty("interface").GetString().ShouldNotBeNull();
            new KernelWireGuard().List().ShouldHold([link]);
            Process.GetProcessesByName("wireguard-go").Length.ShouldBe(0);

            Run("leave", GuestHost.Network);
            new KernelWireGuard().List().ShouldHold([]);
        }
        finally
        {
            agent.Kill();
            agent.WaitForExit();
        }
    }

    private static string Run(params string[] arguments) => WireGuardInterop.Run(Client, arguments);

    private static bool Answers(string address) => WireGuardInterop.TryRun("ping", "-n", "-c", "1", "-W", "1", address).ExitCode == 0;

    private static void Until(Func<bool> condition, Func<string> otherwise)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            (TimeProvider.System.GetElapsedTime(started) < Limit).ShouldBeTrue(otherwise());
            Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System).Wait();
        }
    }
}
