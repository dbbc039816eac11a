// The program behind scripts/bench.sh: 'join', 'client', 'wireguard' and 'control'. 'enroll' is the load generator, which 'join' runs as a
// process of its own; 'read' what 'wireguard' runs as one; 'load' and 'bare' what 'control' does.
using System.Runtime.InteropServices;
using Elysium.Benchmarks;
using Elysium.Benchmarks.Control;
using Elysium.Lab;
using Elysium.Linux;

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

try
{
    switch (args)
    {
        case ["join"]:
            await JoinBenchmark.RunAsync(stop.Token);
            return 0;

        case ["client"]:
            await ClientBenchmark.RunAsync(stop.Token);
            return 0;

        case ["wireguard"]:
            await WireGuardBenchmark.RunAsync(stop.Token);
            return 0;

        case ["control"]:
            await ControlBenchmark.RunAsync(null, most: 10_000, stop.Token);
            return 0;

        case ["control", ("enrol" or "streams" or "storm") and var part]:
            await ControlBenchmark.RunAsync(part, most: 10_000, stop.Token);
            return 0;

        case ["control", ("enrol" or "streams" or "storm") and var part, var most]:
            await ControlBenchmark.RunAsync(part, int.Parse(most), stop.Token);
            return 0;

        case ["load", var socket]:
            await LoadServer.ServeAsync(socket, stop.Token);
            return 0;

        case ["bare", var address, var rootFile]:
            await BareServer.RunAsync(address, rootFile, stop.Token);
            return 0;

        case ["read", var name]:
            WireGuardBenchmark.Read(name);
            return 0;

        case ["enroll", var joins, var clients]:
            await EnrollmentLoad.RunAsync(await Console.In.ReadToEndAsync(stop.Token), int.Parse(joins), int.Parse(clients), stop.Token);
            return 0;

        default:
            await Console.Error.WriteLineAsync("usage: Elysium.Benchmarks join | client | wireguard | control [enrol | streams | storm [STREAMS]]");
            return 2;
    }
}
catch (Exception exception) when (exception is LabException or TimeoutException or HttpRequestException or WireGuardEngineException or InvalidOperationException)
{
    await Console.Error.WriteLineAsync($"bench: failed: {exception.Message}");
    return 1;
}
catch (OperationCanceledException)
{
    return 130;
}

void Stop(PosixSignalContext context)
{
    // The lab is removed on the way out.
    context.Cancel = true;
    stop.Cancel();
}
