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

        Environment: ELYSIUM_STATE_DIR (default /var/lib/elysium), ELYSIUM_WIREGUARD (auto, kernel
        or userspace; default auto), ELYSIUM_WIREGUARD_GO (the userspace engine's path);
        ELYSIUM_URL, ELYSIUM_API_TOKEN and ELYSIUM_CA_PIN take the place of a login.
        """;

    public static async Task<int> RunAsync(Invocation invocation, RootCommand tree, string[] args, CancellationToken cancellation)
    {
        var terminal = invocation.Terminal;
        var parse = tree.Parse(args);
        (parse.CommandResult.Command as VerbCommand)?.ShowWhole();
        if (parse.Errors is [var wrong, ..])
        {
            var command = parse.CommandResult.Command;
            var message = command.Subcommands.Count > 0 && parse.UnmatchedTokens is [var verb, ..] ? Unknown(verb, command) : wrong.Message.TrimEnd('.');
            return (int)terminal.Fail(ExitCode.Usage, $"{Redaction.Of(message)}. See '{PathOf(command)} --help'.");
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

    /// <summary>A word where a command should be, and the command that was likely meant.</summary>
    private static string Unknown(string word, Command command)
    {
        var nearest = command.Subcommands
            .Select(c => (c.Name, Distance: Distance(word, c.Name)))
            .Where(c => c.Distance <= 2 && c.Distance < c.Name.Length)
            .OrderBy(static c => c.Distance)
            .Select(static c => $"; did you mean '{c.Name}'")
            .FirstOrDefault();
        return $"'{word}' is no command of '{PathOf(command)}'{nearest}";
    }

    // Damerau-Levenshtein with adjacent transpositions (optimal string alignment): what slips of the fingers cost.
    private static int Distance(string a, string b)
    {
        var cost = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                cost[i, j] = i == 0 || j == 0 ? i + j : Math.Min(
                    Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1,
                    cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                }
            }
        }

        return cost[a.Length, b.Length];
    }

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
