using System.CommandLine;
using Elysium.Client.Output;

namespace Elysium.Client.Administration;

/// <summary><c>elysium token create|list|revoke</c></summary>
internal static class TokenCommands
{
    private const string Path = "/v1/enrollment-tokens";

    public static Command Create(Invocation invocation) => new("token", "Make, list and revoke enrollment tokens: what join codes carry.")
    {
        Make(invocation),
        List(invocation),
        Revoke(invocation),
    };

    private static Command Make(Invocation invocation)
    {
        var network = new Argument<string>("NETWORK") { Description = "The network that it joins." };
        var uses = new Option<int?>("--uses") { Description = "How many machines may join with it; 1 when left out.", HelpName = "N" };
        var expires = new Option<string?>("--expires") { Description = "How long it lives: 90s, 30m, 24h, 7d; 24h when left out.", HelpName = "SPAN" };
        expires.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && !Humane.TryParseSpan(text, out _))
            {
                result.AddError($"'{text}' is no time span: a number and s, m, h or d, such as 24h.");
            }
        });
        var ephemeral = new Option<bool>("--ephemeral") { Description = "Mark machines that join with it as ephemeral; this version removes none by itself." };
        var tags = new Option<string[]>("--tag") { Description = "A tag of the machines that join with it; may be repeated.", HelpName = "TAG" };
        var json = Commands.JsonOption();
        return AdministrationVerb.Create(
            "create",
            """
            Make a join code. It is shown this once; into a pipe goes nothing but the code.

            Examples:
              elysium token create office
              elysium token create office --uses 20 --expires 7d --tag kiosk | ssh web-1 sudo elysium join -
            """,
            [network, uses, expires, ephemeral, tags, json],
            invocation,
            async (client, parse, cancellation) =>
            {
                var terminal = invocation.Terminal;
                long? seconds = parse.GetValue(expires) is { } text && Humane.TryParseSpan(text, out var span) ? (long)span.TotalSeconds : null;
                var request = new CreateEnrollmentTokenRequest(
                    parse.GetRequiredValue(network),
                    parse.GetValue(uses),
                    seconds,
                    parse.GetValue(ephemeral),
                    parse.GetValue(tags) is { Length: > 0 } given ? given : null);
                var answer = await client.PostAsync(
                    Path,
                    request,
                    ElysiumJson.Default.CreateEnrollmentTokenRequest,
                    ElysiumJson.Default.EnrollmentTokenCreated,
                    cancellation);
                if (!answer.Is(out var created, out var failure))
                {
                    return CommandError.Of(failure).Tell(terminal);
                }

                if (parse.GetValue(json))
                {
                    terminal.Json(created, ElysiumJson.Default.EnrollmentTokenCreated);
                    return ExitCode.Ok;
                }

                terminal.Line(created.JoinCode);
                if (terminal.OutputIsTerminal)
                {
                    terminal.Note($"Joins {created.Token.Uses} machine(s) to {created.Token.Network} until {Humane.Time(created.Token.ExpiresAt)}:");
                    terminal.Note("  sudo elysium join CODE");
                }

                return ExitCode.Ok;
            });
    }

    private static Command List(Invocation invocation)
    {
        var json = Commands.JsonOption();
        return AdministrationVerb.Create("list", "List the enrollment tokens.", [json], invocation, async (client, parse, cancellation) =>
        {
            var terminal = invocation.Terminal;
            if (!(await client.GetAsync(Path, ElysiumJson.Default.ListingEnrollmentTokenResponse, cancellation)).Is(out var tokens, out var failure))
            {
                return CommandError.Of(failure).Tell(terminal);
            }

            if (parse.GetValue(json))
            {
                terminal.Json(tokens, ElysiumJson.Default.ListingEnrollmentTokenResponse);
                return ExitCode.Ok;
            }

            var now = invocation.Time.GetUtcNow();
            terminal.Table(
                ["Token", "Network", "Status", "Used", "Expires", "Ephemeral", "Tags"],
                [.. tokens.Items.Select(t => new[]
                {
                    t.Prefix, t.Network, t.Status, $"{t.Used} of {t.Uses}", Humane.Until(t.ExpiresAt, now), t.Ephemeral ? "yes" : "no", string.Join(' ', t.Tags),
                })],
                "No enrollment tokens. Make one with 'elysium token create NETWORK'.");
            return ExitCode.Ok;
        });
    }

    private static Command Revoke(Invocation invocation)
    {
        var token = new Argument<string>("TOKEN") { Description = "Its short name or id, as 'elysium token list' shows it." };
        var yes = AdministrationVerb.YesOption();
        return AdministrationVerb.Create(
            "revoke",
            "Revoke an enrollment token: nobody joins with it any more; who has joined stays.",
            [token, yes],
            invocation,
            async (client, parse, cancellation) =>
            {
                var terminal = invocation.Terminal;
                var name = parse.GetRequiredValue(token);
                if (terminal.Ask(parse.GetValue(yes), $"Revoke the token {name}?") is { } no)
                {
                    return no;
                }

                if (!(await client.DeleteAsync($"{Path}/{Uri.EscapeDataString(name)}", cancellation)).Is(out _, out var failure))
                {
                    return CommandError.Of(failure).Tell(terminal);
                }

                terminal.Note($"Revoked {name}.");
                return ExitCode.Ok;
            });
    }
}
