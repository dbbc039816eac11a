using System.CommandLine;
using System.Globalization;
using Elysium.Client.Join;

namespace Elysium.Client.Agent;

/// <summary><c>elysium run</c></summary>
internal static class RunCommand
{
    private const string EngineVariable = "ELYSIUM_WIREGUARD_GO";
    private const string DefaultEngine = "wireguard-go";

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

    /// <summary>Its notes and its engine's log stand in the state directory, so that two agents of one machine do not share them.</summary>
    public static InterfaceReconciler Reconciler(Invocation invocation)
    {
        var directory = Path.Combine(invocation.State.Path, "engine");
        var program = invocation.Environment(EngineVariable) is { Length: > 0 } named ? named : DefaultEngine;
        return new InterfaceReconciler(new WireGuardGo(directory, invocation.Time, program), directory, invocation.Time);
    }

    private static async Task<ExitCode> RunAsync(
        Invocation invocation,
        string? code,
        string? name,
        string? interfaceName,
        bool verbose,
        CancellationToken cancellation)
    {
        var terminal = invocation.Terminal;
        if (WhatIsMissing() is { } missing)
        {
            return terminal.Fail(ExitCode.Permission, missing);
        }

        if (code is not null && (await JoinCommand.JoinAsync(invocation, code, name, interfaceName, cancellation)).Error is { } error)
        {
            return error.Tell(terminal);
        }

        var log = new AgentLog(terminal.Error, invocation.Time, verbose);
        var state = invocation.State;
        log.Started(Program.Version, state.Path, state.Networks().Count);
        await new AgentLoop(state, () => Reconciler(invocation), invocation.Time, log).RunAsync(endWithLast: code is not null, cancellation);
        return cancellation.IsCancellationRequested ? ExitCode.Ok
            : state.Networks().Count > 0 ? ExitCode.Revoked
            : ExitCode.NotJoined;
    }

    /// <summary>Asked before anything is done: every network would fail for the same reason, every five seconds.</summary>
    private static string? WhatIsMissing()
    {
        const int CapNetAdmin = 12;
        const string Effective = "CapEff:";
        var line = File.ReadLines("/proc/self/status").First(static l => l.StartsWith(Effective, StringComparison.Ordinal));
        var capabilities = ulong.Parse(line.AsSpan(Effective.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        if ((capabilities & (1UL << CapNetAdmin)) == 0)
        {
            return "The agent makes network interfaces and may not: run it as root (sudo elysium run) or give it CAP_NET_ADMIN.";
        }

        return File.Exists("/dev/net/tun")
            ? null
            : "There is no /dev/net/tun, which the userspace WireGuard needs: load it (modprobe tun), or give the container the device (--device /dev/net/tun).";
    }
}
