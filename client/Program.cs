using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using Elysium.Client.Administration;
using Elysium.Client.Agent;
using Elysium.Client.Join;
using Elysium.Client.Leave;
using Elysium.Client.Status;

namespace Elysium.Client;

/// <summary>Assembles the commands; each stands in its feature's folder.</summary>
internal static class Program
{
    public static string Version => Assembly.GetExecutingAssembly().GetName().Version!.ToString(3);

    private static async Task<int> Main(string[] args)
    {
        using var interrupted = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        return await CommandLine.RunAsync(Invocation.OfProcess, Tree(Invocation.OfProcess), args, interrupted.Token);

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            interrupted.Cancel();
        }
    }

    internal static RootCommand Tree(Invocation invocation)
    {
        var verbose = new Option<bool>("--verbose") { Description = "Tell more: debug lines, and where a failure came from.", Recursive = true };
        return new RootCommand(CommandLine.Description)
        {
            verbose,
            JoinCommand.Create(invocation),
            RunCommand.Create(invocation, verbose),
            StatusCommand.Create(invocation),
            PeersCommand.Create(invocation),
            PingCommand.Create(invocation),
            LeaveCommand.Create(invocation),
            LoginCommand.Create(invocation),
            NetworkCommands.Create(invocation),
            TokenCommands.Create(invocation),
            PeerCommands.Create(invocation),
        };
    }
}
