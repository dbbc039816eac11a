using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using Elysium.Client.State;

namespace Elysium.Client.Status;

/// <summary><c>elysium ping NAME</c></summary>
internal static class PingCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    public static Command Create(Invocation invocation)
    {
        var name = new Argument<string>("NAME") { Description = "A machine's name, or hub." };
        var count = new Option<int>("--count", "-c") { Description = "How many echoes.", HelpName = "N", DefaultValueFactory = static _ => 4 };
        count.Validators.Add(static result =>
        {
            // Asked for as text: System.CommandLine throws when a validator asks for a number that is none.
            if (result.Tokens is [var given] && !(int.TryParse(given.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n is >= 1 and <= 1_000_000))
            {
                result.AddError("-c takes 1 to 1000000.");
            }
        });
        var ipv6 = new Option<bool>("--ipv6", "-6") { Description = "To its IPv6 address." };
        var network = new Option<string?>("--network") { Description = "The network, where several have the name.", HelpName = "NETWORK" };
        var json = Commands.JsonOption();
        return Commands.Verb(
            "ping",
            """
            Send echoes to a machine by name. Ends with 0 only if at least one was answered.

            Examples:
              elysium ping web-1
              elysium ping hub -6 -c 1 --network office
            """,
            [name, count, ipv6, network, json],
            (parse, cancellation) => RunAsync(
                invocation,
                parse.GetRequiredValue(name),
                parse.GetValue(count),
                parse.GetValue(ipv6),
                parse.GetValue(network),
                parse.GetValue(json),
                cancellation));
    }

    private static async Task<ExitCode> RunAsync(
        Invocation invocation,
        string name,
        int count,
        bool ipv6,
        string? network,
        bool json,
        CancellationToken cancellation)
    {
        var terminal = invocation.Terminal;
        var (target, error) = PeerLookup.Find(invocation.State.Networks(terminal.Note), name, network, ipv6);
        if (target is null)
        {
            return error!.Tell(terminal);
        }

        var round = new List<double>();
        var sent = 0;
        try
        {
            while (sent < count)
            {
                if (sent++ > 0)
                {
                    await Task.Delay(Interval, invocation.Time, cancellation);
                }

                var milliseconds = await EchoAsync(target.Address, invocation.Time, cancellation);
                if (milliseconds is { } time)
                {
                    round.Add(time);
                }

                if (!json)
                {
                    terminal.Line(milliseconds is { } t
                        ? string.Create(CultureInfo.InvariantCulture, $"{target.Name} ({target.Address}): echo {sent} answered in {t:0.00} ms")
                        : $"{target.Name} ({target.Address}): echo {sent} not answered");
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested && sent > 0)
        {
            // Ctrl-C ends the echoes, not the summary.
        }

        var report = new PingReport(target.Network, target.Name, target.Address.ToString(), sent, round.Count, Median(round));
        if (json)
        {
            terminal.Json(report, ClientJson.Default.PingReport);
        }
        else
        {
            var median = report.MedianMs is { } m ? string.Create(CultureInfo.InvariantCulture, $", median {m:0.00} ms") : "";
            terminal.Line($"{report.Answered} of {report.Sent} answered{median}");
        }

        return report.Answered > 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    private static async Task<double?> EchoAsync(IPAddress address, TimeProvider time, CancellationToken cancellation)
    {
        using var ping = new Ping();
        var start = time.GetTimestamp();
        try
        {
            // A PingReply counts whole milliseconds only.
            var reply = await ping.SendPingAsync(address, Timeout, cancellationToken: cancellation);
            return reply.Status == IPStatus.Success ? time.GetElapsedTime(start).TotalMilliseconds : null;
        }
        catch (PingException)
        {
            // No route, no interface: nobody can answer, which is what the caller asked.
            return null;
        }
    }

    private static double? Median(List<double> values)
    {
        values.Sort();
        return values.Count > 0 ? values[values.Count / 2] : null;
    }
}

/// <summary><c>elysium ping --json</c></summary>
internal sealed record PingReport(string Network, string Name, string Address, int Sent, int Answered, double? MedianMs);
