using System.Runtime.InteropServices;
using Elysium.Lab.Product;

namespace Elysium.Kernel.Tests;

/// <summary>
/// The other side of <see cref="ProductTests"/>, outside the guest: a lab with a backend, and a host in whose namespace the guest's emulator
/// runs. There it would take the backend a minute to compile itself.
/// </summary>
internal static class GuestHost
{
    /// <summary>The environment variables by which the guest hears of the backend: the kernel gives parameters that it does not know to its first process.</summary>
    public const string JoinCode = "GUEST_JOIN_CODE";

    /// <inheritdoc cref="JoinCode"/>
    public const string HubAddress = "GUEST_HUB_ADDRESS";

    public const string Network = "office";

    /// <summary>Runs the emulator to its end.</summary>
    /// <param name="emulator">The program and its arguments; the last are the kernel's parameters.</param>
    public static async Task<int> RunAsync(string[] emulator)
    {
        using var stop = new CancellationTokenSource();
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Cancel(context, stop));
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Cancel(context, stop));

        await using var installation = await Installation.StartAsync([], cancellationToken: stop.Token);
        var network = await installation.Backend.CreateNetworkAsync(Network, cancellationToken: stop.Token);
        var code = await installation.Backend.CreateJoinCodeAsync(Network, cancellationToken: stop.Token);
        var host = installation.Lab.AddHost("guest");
        string[] arguments = [.. emulator[1..^1], $"{JoinCode}={code} {HubAddress}={network.HubAddress} {emulator[^1]}"];
        var process = await host.StartAsync(emulator[0], arguments, cancellationToken: stop.Token);
        return await process.ExitAsync(TimeSpan.FromHours(1), stop.Token);
    }

    private static void Cancel(PosixSignalContext context, CancellationTokenSource stop)
    {
        context.Cancel = true;
        stop.Cancel();
    }
}
