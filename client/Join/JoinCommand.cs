using System.CommandLine;
using Elysium.Client.Output;
using Elysium.Client.State;

namespace Elysium.Client.Join;

/// <summary><c>elysium join CODE</c></summary>
internal static class JoinCommand
{
    public static Command Create(Invocation invocation)
    {
        var code = new Argument<string>("CODE") { Description = "The join code, ely1_…; - reads it from standard input." };
        var name = NameOption();
        var interfaceName = InterfaceOption();
        var json = Commands.JsonOption();
        return Commands.Verb(
            "join",
            """
            Enrol this machine in a network. Running it again with the same code is harmless.

            Examples:
              sudo elysium join ely1_AbC…
              sudo elysium join - --name web-1 < code.txt
            """,
            [code, name, interfaceName, json],
            (parse, cancellation) => RunAsync(
                invocation,
                parse.GetRequiredValue(code),
                parse.GetValue(name),
                parse.GetValue(interfaceName),
                parse.GetValue(json),
                cancellation));
    }

    public static Option<string?> NameOption()
    {
        var option = new Option<string?>("--name") { Description = "The machine's name in the network; the host name when left out.", HelpName = "NAME" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && !DnsLabel.IsValid(text))
            {
                result.AddError($"'{text}' is no name for a machine: {DnsLabel.Rule}.");
            }
        });
        return option;
    }

    public static Option<string?> InterfaceOption()
    {
        var option = new Option<string?>("--interface") { Description = "The interface to make; the next free wg0, wg1, … when left out.", HelpName = "wgN" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && !InterfaceName.IsValid(text))
            {
                result.AddError($"'{text}' is no name for an interface: {InterfaceName.Rule}.");
            }
        });
        return option;
    }

    /// <summary>The whole of joining, for <c>join</c> and <c>run --join</c>.</summary>
    public static async Task<JoinOutcome> JoinAsync(
        Invocation invocation,
        string codeText,
        string? name,
        string? interfaceName,
        CancellationToken cancellation)
    {
        var terminal = invocation.Terminal;
        var text = codeText == "-" ? (await terminal.Input.ReadLineAsync(cancellation))?.Trim() : codeText.Trim();
        if (!JoinCode.TryParse(text, out var code, out var error))
        {
            return new CommandError(ExitCode.Usage, error);
        }

        name ??= MachineName.From(Environment.MachineName);
        if (name is null)
        {
            return new CommandError(ExitCode.Usage, $"The host name '{Environment.MachineName}' makes no name for a machine. Give one with --name.");
        }

        return await new Joining(invocation.State, invocation.Time, terminal.Note).JoinAsync(code, name, interfaceName, cancellation);
    }

    private static async Task<ExitCode> RunAsync(
        Invocation invocation,
        string codeText,
        string? name,
        string? interfaceName,
        bool json,
        CancellationToken cancellation)
    {
        var terminal = invocation.Terminal;
        var outcome = await JoinAsync(invocation, codeText, name, interfaceName, cancellation);
        if (outcome is not { Network: { } network, Error: null })
        {
            return outcome.Error!.Tell(terminal);
        }

        var map = network.ReadMap()?.Map ?? throw new InvalidDataException($"{network.Folder} holds no map.");
        if (json)
        {
            terminal.Json(
                new JoinReport(network.Record.Id, map.Network.Name, map.Self.Name, map.Self.Address, map.Self.Address6, network.Record.Interface, outcome.WasJoinedBefore),
                ClientJson.Default.JoinReport);
            return ExitCode.Ok;
        }

        var verb = outcome.WasJoinedBefore ? "This machine is in" : "Joined";
        terminal.Line($"{verb} {map.Network.Name} as {map.Self.Name}, {Humane.Addresses(map.Self.Address, map.Self.Address6)} on {network.Record.Interface}.");
        if (!network.IsServed)
        {
            terminal.Note("No agent is running: 'elysium run' brings the interface up and keeps it so.");
        }

        return ExitCode.Ok;
    }
}

/// <summary><c>elysium join --json</c></summary>
internal sealed record JoinReport(Guid NetworkId, string Network, string Name, string Address, string? Address6, string Interface, bool WasJoinedBefore);
