using System.CommandLine;
using Elysium.Client.Output;

namespace Elysium.Client.Administration;

/// <summary>What the commands of <c>network</c>, <c>token</c> and <c>peer</c> share: a connection first, and a question before anything is destroyed.</summary>
internal static class AdministrationVerb
{
    public static Command Create(
        string name,
        string description,
        IReadOnlyList<Symbol> symbols,
        Invocation invocation,
        Func<AdministrationClient, ParseResult, CancellationToken, Task<ExitCode>> run) =>
        Commands.Verb(name, description, symbols, async (parse, cancellation) =>
        {
            var (client, error) = await AdministrationClient.OpenAsync(invocation, cancellation);
            if (client is null)
            {
                return error!.Tell(invocation.Terminal);
            }

            using (client)
            {
                return await run(client, parse, cancellation);
            }
        });

    public static Option<bool> YesOption() => new("--yes", "-y") { Description = "Do not ask." };

    /// <summary>Null: go on.</summary>
    public static ExitCode? Ask(this Terminal terminal, bool yes, string question) => yes ? null : terminal.Confirm(question) switch
    {
        true => null,
        false => terminal.Fail(ExitCode.Failed, "nothing was changed"),
        null => terminal.Fail(ExitCode.Usage, "there is no terminal to ask on; say --yes"),
    };
}
