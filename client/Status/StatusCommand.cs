using System.CommandLine;
using Elysium.Client.Output;
using Elysium.Client.State;

namespace Elysium.Client.Status;

/// <summary><c>elysium status</c></summary>
internal static class StatusCommand
{
    public const string NotJoined = "This machine is in no network. Join one with 'elysium join CODE'.";

    public static Command Create(Invocation invocation)
    {
        var json = Commands.JsonOption();
        return Commands.Verb(
            "status",
            "Show how every network of this machine stands.",
            [json],
            (parse, _) => Task.FromResult(Run(invocation, parse.GetValue(json))));
    }

    private static ExitCode Run(Invocation invocation, bool json)
    {
        var terminal = invocation.Terminal;
        var now = invocation.Time.GetUtcNow();
        var all = invocation.State.Networks(terminal.Note).Select(n => Read(n, invocation.Time)).ToArray();
        if (json)
        {
            terminal.Json(all, ClientJson.Default.NetworkStatusArray);
        }
        else
        {
            foreach (var status in all)
            {
                Show(terminal, status, now);
            }
        }

        return all.Length > 0 ? ExitCode.Ok
            : json ? ExitCode.NotJoined
            : terminal.Fail(ExitCode.NotJoined, NotJoined);
    }

    private static NetworkStatus Read(NetworkState state, TimeProvider time)
    {
        var devices = new WireGuardDevices(time);
        Device? device = null;
        string? problem = null;
        try
        {
            device = devices.Get(state.Record.Interface);
        }
        catch (WireGuardEngineException e)
        {
            problem = e.Message;
        }

        return NetworkStatus.Of(state, device, devices.IsKernel(state.Record.Interface), problem, time.GetUtcNow());
    }

    private static void Show(Terminal terminal, NetworkStatus status, DateTimeOffset now)
    {
        terminal.Line($"{status.Network}: {status.Name} {Humane.Addresses(status.Address, status.Address6)} on {status.Interface}");
        Field("state", Describe(status, now));
        if (status.BackendStaleSince is { } since)
        {
            Field("backend", $"cannot read its database since {Humane.Time(since)}");
        }

        if (status.InterfaceProblem is { } problem)
        {
            Field("interface", problem);
        }

        Field("map", status.MapVersion is { } version ? $"version {version}, {status.Peers} peers, from {Humane.Ago(status.MapReceivedAt, now)}" : "the whole one has not come yet");
        Field("engine", status.Engine ?? "none: the interface is not up");
        if (status.Hub is { } hub)
        {
            Field("hub", $"{hub.Address} at {hub.Endpoint}, handshake {Humane.Ago(hub.LastHandshakeAt, now)}");
            Field("traffic", $"{Humane.Bytes(hub.ReceivedBytes)} received, {Humane.Bytes(hub.SentBytes)} sent");
        }

        Field("certificate", status.CertificateExpiresAt is { } end ? $"ends {Humane.Until(end, now)}" : "cannot be read: leave the network and join again");

        void Field(string name, string value) => terminal.Line($"  {name,-12} {value}");
    }

    private static string Describe(NetworkStatus status, DateTimeOffset now)
    {
        var stale = status.StaleSince is { } since ? $"stale since {Humane.Time(since)} ({Humane.Ago(since, now)})" : "stale: never connected";
        return status.Standing switch
        {
            Standing.Connected => "connected",
            Standing.Stale => status.Problem is { } problem ? $"{stale}: {problem}" : stale,
            Standing.AgentStopped => $"agent not running, {stale}",
            _ => $"revoked: {status.Problem}",
        };
    }
}
