using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using Elysium.Client.Output;

namespace Elysium.Client;

/// <summary>From arguments to an exit code: what is wrong is one line on standard error, whatever it is.</summary>
internal static class CommandLine
{
    public const string Description = """
        Elysium connects machines to each other over WireGuard.

        On a machine:     join CODE, run, status, peers, ping NAME, leave NETWORK
        As an operator:   login URL, then network, token, peer

        Exit codes: 0 done, 1 failed, 2 wrong command line, 3 not joined, 4 backend unreachable, 5 refused by the backend,
        6 revoked, 7 permission or device missing, 8 backend not trusted, 130 interrupted.

        Environment: ELYSIUM_STATE_DIR (default /var/lib/elysium), ELYSIUM_WIREGUARD_GO (the engine's path);
        ELYSIUM_URL, ELYSIUM_API_TOKEN and ELYSIUM_CA_PIN take the place of a login.
        """;

    public static async Task<int> RunAsync(Invocation invocation, RootCommand tree, string[] args, CancellationToken cancellation)
    {
        var terminal = invocation.Terminal;
        var parse = tree.Parse(args);
        (parse.CommandResult.Command as VerbCommand)?.ShowWhole();
        if (parse.Errors is [var wrong, ..])
        {
            return (int)terminal.Fail(ExitCode.Usage, $"{wrong.Message.TrimEnd('.')}. See '{PathOf(parse.CommandResult.Command)} --help'.");
        }

        try
        {
            return await parse.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = terminal.Output,
                    Error = terminal.Error,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                },
                cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return (int)terminal.Fail(ExitCode.Interrupted, "interrupted");
        }
        catch (Exception e)
        {
            if (parse.GetValue<bool>("--verbose"))
            {
                terminal.Note(e.ToString());
            }

            return (int)Tell(e, terminal);
        }
    }

    private static ExitCode Tell(Exception e, Terminal terminal) => e switch
    {
        UnauthorizedAccessException => terminal.Fail(ExitCode.Permission, $"{e.Message} Run it as root (sudo), or name another folder with ELYSIUM_STATE_DIR."),
        IOException or InvalidDataException or JsonException or CryptographicException => terminal.Fail(ExitCode.Failed, e.Message),
        _ => terminal.Fail(ExitCode.Failed, $"this is a bug: {e.GetType().Name}: {e.Message} Run it again with --verbose and report what it prints."),
    };

    private static string PathOf(Command command)
    {
        var names = new List<string>();
        for (Symbol? symbol = command; symbol is Command; symbol = symbol.Parents.FirstOrDefault())
        {
            names.Insert(0, symbol is RootCommand ? "elysium" : symbol.Name);
        }

        return string.Join(' ', names);
    }
}
