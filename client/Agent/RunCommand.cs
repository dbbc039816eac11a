using System.CommandLine;
using System.Globalization;
using Elysium.Client.Join;
using Elysium.Client.Output;

namespace Elysium.Client.Agent;

/// <summary><c>elysium run</c></summary>
internal static class RunCommand
{
    private const string ChoiceVariable = "ELYSIUM_WIREGUARD";
    private const string DefaultChoice = "auto";
    private const string ProgramVariable = "ELYSIUM_WIREGUARD_GO";
    private const string DefaultProgram = "wireguard-go";

    public static Command Create(Invocation invocation, Option<bool> verbose)
    {
        var join = new Option<string?>("--join")
        {
            Description = "Join with this code first (- reads it from standard input), and end when this machine is in no network any more.",
            HelpName = "CODE",
        };
        var name = JoinCommand.NameOption();
        var interfaceName = JoinCommand.InterfaceOption();
        return Commands.Verb(
            "run",
            """
            Run the agent in the foreground: it serves every network that this machine is in, also those joined or left while it runs.
            A stop (Ctrl-C, SIGTERM) leaves the interfaces up, and the next start takes them over.

            Examples:
              sudo elysium run
              elysium run --join ely1_AbC…        (in a container)
            """,
            [join, name, interfaceName],
            (parse, cancellation) => RunAsync(
                invocation,
                parse.GetValue(join),
                parse.GetValue(name),
                parse.GetValue(interfaceName),
                parse.GetValue(verbose),
                cancellation));
    }

    /// <summary>What runs this machine's devices, as the environment chooses.</summary>
    public static (IWireGuardEngine? Engine, CommandError? Error) Engine(Invocation invocation)
    {
        var text = invocation.Environment(ChoiceVariable) is { Length: > 0 } chosen ? chosen : DefaultChoice;
        var program = invocation.Environment(ProgramVariable) is { Length: > 0 } named ? named : DefaultProgram;
        return WireGuardEngine.Parse(text) is { } choice
            ? (WireGuardEngine.Choose(choice, NotesOf(invocation), invocation.Time, program), null)
            : (null, new CommandError(ExitCode.Usage, $"{ChoiceVariable}='{text}' is none of auto, kernel, userspace."));
    }

    public static InterfaceReconciler Reconciler(Invocation invocation, IWireGuardEngine engine) => new(engine, NotesOf(invocation), invocation.Time);

    // In the state directory, so that two agents of one machine do not share them.
    private static string NotesOf(Invocation invocation) => Path.Combine(invocation.State.Path, "engine");

    private static async Task<ExitCode> RunAsync(
        Invocation invocation,
        string? code,
        string? name,
        string? interfaceName,
        bool verbose,
        CancellationToken cancellation)
    {
        var terminal = invocation.Terminal;
        var (engine, wrong) = Engine(invocation);
        if (engine is null)
        {
            return wrong!.Tell(terminal);
        }

        if (WhatIsMissing(engine) is { } missing)
        {
            return terminal.Fail(ExitCode.Permission, missing);
        }

        if (code is not null && (await JoinCommand.JoinAsync(invocation, code, name, interfaceName, cancellation)).Error is { } error)
        {
            return error.Tell(terminal);
        }

        var log = new AgentLog(terminal.Error, invocation.Time, verbose);
        var state = invocation.State;
        log.Started(Program.Version, state.Path, state.Networks().Count, engine.Description);
        await new AgentLoop(state, () => Reconciler(invocation, engine), invocation.Time, log).RunAsync(endWithLast: code is not null, cancellation);
        return cancellation.IsCancellationRequested ? ExitCode.Ok
            : state.Networks().Count > 0 ? ExitCode.Revoked
            : ExitCode.NotJoined;
    }

    /// <summary>Asked before anything is done: every network would fail for the same reason, every five seconds.</summary>
    private static string? WhatIsMissing(IWireGuardEngine engine)
    {
        const int CapNetAdmin = 12;
        const string Effective = "CapEff:";
        var line = File.ReadLines("/proc/self/status").First(static l => l.StartsWith(Effective, StringComparison.Ordinal));
        var capabilities = ulong.Parse(line.AsSpan(Effective.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        if ((capabilities & (1UL << CapNetAdmin)) == 0)
        {
            return "The agent makes network interfaces and may not: run it as root (sudo elysium run) or give it CAP_NET_ADMIN.";
        }

        return engine is not WireGuardGo || File.Exists("/dev/net/tun")
            ? null
            : "There is no /dev/net/tun, which the userspace WireGuard needs: load it (modprobe tun), or give the container the device (--device /dev/net/tun).";
    }
}
