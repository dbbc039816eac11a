// The program behind scripts/demo.sh. 'story [--keep]' is the demo; 'sweep [--kept]' removes what killed labs left behind.
using System.Runtime.InteropServices;
using Elysium.Demo;
using Elysium.Lab;

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

switch (args)
{
    case ["sweep", .. var options] when options is [] or ["--kept"]:
        foreach (var lab in await Sweeper.SweepAsync(kept: options.Length > 0))
        {
            Console.WriteLine($"Removed {lab}, whose process is gone.");
        }

        return 0;

    case ["story", .. var options] when options is [] or ["--keep"]:
        return await new Story(new Progress(TimeProvider.System), keep: options.Length > 0).TellAsync(stop.Token);

    default:
        await Console.Error.WriteLineAsync("usage: Elysium.Demo story [--keep] | sweep [--kept]");
        return 2;
}

void Stop(PosixSignalContext context)
{
    // The lab is removed on the way out.
    context.Cancel = true;
    stop.Cancel();
}
