using System.CommandLine;
using System.Globalization;
using Elysium.Client.Backend;
using Elysium.Client.Output;

namespace Elysium.Client.Administration;

/// <summary><c>elysium network create|list|show|delete</c></summary>
internal static class NetworkCommands
{
    private const string Path = "/v1/networks";

    public static Command Create(Invocation invocation) => new("network", "Make, list, show and delete networks.")
    {
        Make(invocation),
        List(invocation),
        Show(invocation),
        Delete(invocation),
    };

    public static string PathOf(string network) => $"{Path}/{Uri.EscapeDataString(network)}";

    private static Command Make(Invocation invocation)
    {
        var name = new Argument<string>("NAME") { Description = $"Its name: {DnsLabel.Rule}." };
        var prefix = new Option<string?>("--prefix") { Description = "Private IPv4 prefix from /8 to /30; the first free 10.x.0.0/16 when left out.", HelpName = "PREFIX" };
        var prefix6 = new Option<string?>("--prefix6")
        {
            Description = $"IPv6 prefix beside it, /48 to /64 of fc00::/7; {CreateNetworkRequest.AutomaticPrefix} chooses a random one; IPv4 only when left out.",
            HelpName = "PREFIX6",
        };
        var port = new Option<int?>("--listen-port") { Description = "UDP port of the hub; the first free one from 51820 when left out.", HelpName = "PORT" };
        var mtu = new Option<int?>("--mtu") { Description = "1280 to 9000 bytes; 1420 when left out.", HelpName = "BYTES" };
        var json = Commands.JsonOption();
        return AdministrationVerb.Create(
            "create",
            """
            Make a network and its hub interface.

            Examples:
              elysium network create office --prefix 10.77.0.0/24
              elysium network create office --prefix 10.77.0.0/24 --prefix6 auto
            """,
            [name, prefix, prefix6, port, mtu, json],
            invocation,
            async (client, parse, cancellation) =>
            {
                var request = new CreateNetworkRequest(parse.GetRequiredValue(name), parse.GetValue(prefix), parse.GetValue(port), parse.GetValue(mtu), parse.GetValue(prefix6));
                var answer = await client.PostAsync(Path, request, ElysiumJson.Default.CreateNetworkRequest, ElysiumJson.Default.NetworkResponse, cancellation);
                if (request.Prefix6 is not null && answer.Is(out var made, out _) && made.Prefix6 is null)
                {
                    // What it does not know it ignores.
                    invocation.Terminal.Note("The backend is of an earlier version and made an IPv4 network.");
                }

                return Print(answer, parse.GetValue(json), invocation.Terminal);
            });
    }

    private static Command List(Invocation invocation)
    {
        var json = Commands.JsonOption();
        return AdministrationVerb.Create("list", "List the networks.", [json], invocation, async (client, parse, cancellation) =>
        {
            var terminal = invocation.Terminal;
            if (!(await client.GetAsync(Path, ElysiumJson.Default.ListingNetworkResponse, cancellation)).Is(out var networks, out var failure))
            {
                return CommandError.Of(failure).Tell(terminal);
            }

            if (parse.GetValue(json))
            {
                terminal.Json(networks, ElysiumJson.Default.ListingNetworkResponse);
                return ExitCode.Ok;
            }

            terminal.Table(
                ["Name", "Prefix", "Prefix6", "Interface", "Endpoint", "Peers", "Hub"],
                [.. networks.Items.Select(static n => new[] { n.Name, n.Prefix, n.Prefix6 ?? "-", n.Interface, n.Endpoint, $"{n.Peers} of {n.Capacity}", n.HubProblem ?? "ok" })],
                "No networks yet. Make one with 'elysium network create NAME'.");
            return ExitCode.Ok;
        });
    }

    private static Command Show(Invocation invocation)
    {
        var name = new Argument<string>("NAME") { Description = "The network." };
        var json = Commands.JsonOption();
        return AdministrationVerb.Create("show", "Show a network.", [name, json], invocation, async (client, parse, cancellation) =>
            Print(
                await client.GetAsync(PathOf(parse.GetRequiredValue(name)), ElysiumJson.Default.NetworkResponse, cancellation),
                parse.GetValue(json),
                invocation.Terminal));
    }

    private static Command Delete(Invocation invocation)
    {
        var name = new Argument<string>("NAME") { Description = "The network." };
        var yes = AdministrationVerb.YesOption();
        return AdministrationVerb.Create(
            "delete",
            "Delete a network: every machine in it is cut off, and its hub interface goes.",
            [name, yes],
            invocation,
            async (client, parse, cancellation) =>
            {
                var terminal = invocation.Terminal;
                var network = parse.GetRequiredValue(name);
                if (terminal.Ask(parse.GetValue(yes), $"Delete the network {network} and cut off every machine in it?") is { } no)
                {
                    return no;
                }

                if (!(await client.DeleteAsync(PathOf(network), cancellation)).Is(out _, out var failure))
                {
                    return CommandError.Of(failure).Tell(terminal);
                }

                terminal.Note($"Deleted {network}.");
                return ExitCode.Ok;
            });
    }

    private static ExitCode Print(Answer<NetworkResponse> answer, bool json, Terminal terminal)
    {
        if (!answer.Is(out var network, out var failure))
        {
            return CommandError.Of(failure).Tell(terminal);
        }

        if (json)
        {
            terminal.Json(network, ElysiumJson.Default.NetworkResponse);
            return ExitCode.Ok;
        }

        terminal.Fields(
            ("name", network.Name),
            ("prefix", network.Prefix),
            ("prefix6", network.Prefix6 ?? "-"),
            ("hub", $"{Humane.Addresses(network.HubAddress, network.HubAddress6)} on {network.Interface}"),
            ("endpoints", string.Join(' ', network.Endpoints ?? [network.Endpoint])),
            ("hub key", network.HubPublicKey),
            ("hub state", network.HubProblem ?? "ok"),
            ("mtu", network.Mtu.ToString(CultureInfo.InvariantCulture)),
            ("peers", $"{network.Peers} of {network.Capacity}"),
            ("version", network.Version.ToString(CultureInfo.InvariantCulture)),
            ("made", Humane.Time(network.CreatedAt)));
        return ExitCode.Ok;
    }
}
