using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using Elysium.Client.Agent;
using Elysium.Client.Backend;
using Elysium.Client.Output;
using Elysium.Client.State;

namespace Elysium.Client.Leave;

/// <summary><c>elysium leave NETWORK</c></summary>
internal static class LeaveCommand
{
    private static readonly TimeSpan AgentPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    public static Command Create(Invocation invocation)
    {
        var network = new Argument<string>("NETWORK") { Description = "The network's name or id." };
        var force = new Option<bool>("--force") { Description = "Forget the network here even if the backend cannot be told." };
        return Commands.Verb(
            "leave",
            "Leave a network: the backend forgets this machine, then its interface and its keys are removed.",
            [network, force],
            (parse, cancellation) => RunAsync(invocation, parse.GetRequiredValue(network), parse.GetValue(force), cancellation));
    }

    private static async Task<ExitCode> RunAsync(Invocation invocation, string name, bool force, CancellationToken cancellation)
    {
        var terminal = invocation.Terminal;
        var state = invocation.State;
        if (state.Find(name, terminal.Note) is not { } network)
        {
            return terminal.Fail(ExitCode.NotJoined, $"This machine is not in a network '{name}'. See 'elysium status'.");
        }

        var (engine, wrong) = RunCommand.Engine(invocation);
        if (engine is null)
        {
            return wrong!.Tell(terminal);
        }

        var isRevoked = network.ReadRevocation() is not null;
        if (!network.IsLeft && !isRevoked && await TellBackendAsync(network, invocation.Time, cancellation) is { } failure)
        {
            if (!force)
            {
                var error = CommandError.Of(failure);
                return terminal.Fail(
                    error.Code,
                    $"{error.Message.TrimEnd('.')}. Nothing was changed; with --force this machine forgets the network, and the backend keeps the peer until an operator revokes it.");
            }

            terminal.Note($"The backend was not told: {failure.Message}. It keeps the peer until an operator revokes it.");
        }

        // From here on every retry goes on locally: the agent, if one runs, takes the interface down and lets go of the lock.
        network.MarkLeft();
        using var servingLock = await LockAsync(network, invocation.Time, cancellation);
        if (servingLock is null)
        {
            return terminal.Fail(
                ExitCode.Failed,
                $"The agent has not let go of {network.Record.Interface} for {AgentPatience.TotalSeconds:0} s. Look at its log; 'elysium leave {name}' goes on from here.");
        }

        try
        {
            // A revoked network's interface went with its revocation; its name may be another network's by now.
            if (!isRevoked)
            {
                using var reconciler = RunCommand.Reconciler(invocation, engine);
                reconciler.Remove(network.Record.Interface, cancellation);
            }
        }
        catch (Exception e) when (e is WireGuardEngineException or NetlinkException or IOException or UnauthorizedAccessException)
        {
            return terminal.Fail(e is WireGuardEngineException { Failure: EngineFailure.NotPermitted } ? ExitCode.Permission : ExitCode.Failed, $"{network.Record.Interface} cannot be removed: {e.Message}");
        }

        state.Forget(network);
        terminal.Line($"Left {network.Record.Name}.");
        return ExitCode.Ok;
    }

    /// <summary>Null: the backend knows this machine no more.</summary>
    private static async Task<Failure?> TellBackendAsync(NetworkState network, TimeProvider time, CancellationToken cancellation)
    {
        Credential credential;
        try
        {
            credential = new Credentials(network, time).Current;
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or CryptographicException or ArgumentException or IOException)
        {
            return new LocalTrouble($"this machine's identity cannot be used: {e.Message}");
        }

        var backend = network.ReadMap()?.Map is { Backends: [var first, ..] } && Uri.TryCreate(first, UriKind.Absolute, out var url) && JoinCode.IsBackendUrl(url)
            ? url
            : network.Record.Backend;
        using var connection = BackendConnection.Verified(backend, credential.Trust, time, credential.Identity.Context);
        var answer = await connection.DeleteAsync("/v1/self", null, cancellation);
        return answer.Is(out _, out var failure) || failure is Refusal { Code: ProblemCodes.PeerRevoked } ? null : failure;
    }

    private static async Task<FileLock?> LockAsync(NetworkState network, TimeProvider time, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            if (network.TryServe() is { } taken)
            {
                return taken;
            }

            if (time.GetElapsedTime(start) > AgentPatience)
            {
                return null;
            }

            await Task.Delay(Poll, time, cancellation);
        }
    }
}
