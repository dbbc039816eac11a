using System.CommandLine;
using Elysium.Client.Output;
using Elysium.Client.State;

namespace Elysium.Client;

/// <summary>What every command is given: where to write, the clock, the environment. Tests give their own.</summary>
internal sealed record Invocation(Terminal Terminal, TimeProvider Time, Func<string, string?> Environment)
{
    public static Invocation OfProcess { get; } = new(Terminal.System, TimeProvider.System, System.Environment.GetEnvironmentVariable);

    public StateDirectory State => new(Environment(StateDirectory.Variable) is { Length: > 0 } path ? path : StateDirectory.DefaultPath);
}

/// <summary>A command that shows its first paragraph in lists, and all of its description when its own help is asked for.</summary>
internal sealed class VerbCommand(string name, string description) : Command(name, description.Split("\n\n")[0])
{
    public void ShowWhole() => Description = description;
}

/// <summary>How commands are put together, so that each shows only what is its own.</summary>
internal static class Commands
{
    /// <summary>Options and arguments in the order in which help shows them; then what it does.</summary>
    public static Command Verb(
        string name,
        string description,
        IReadOnlyList<Symbol> symbols,
        Func<ParseResult, CancellationToken, Task<ExitCode>> run)
    {
        var command = new VerbCommand(name, description);
        foreach (var symbol in symbols)
        {
            switch (symbol)
            {
                case Argument argument:
                    command.Arguments.Add(argument);
                    break;
                case Option option:
                    command.Options.Add(option);
                    break;
            }
        }

        command.SetAction(async (parse, cancellation) => (int)await run(parse, cancellation));
        return command;
    }

    public static Option<bool> JsonOption() => new("--json") { Description = "Print JSON for programs instead of text for people." };
}
