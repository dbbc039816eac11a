using Elysium.Client.Backend;
using Elysium.Client.Output;
using Elysium.Client.State;

namespace Elysium.Client.Join;

/// <summary>What became of joining: a network, or why not.</summary>
internal sealed record JoinOutcome(NetworkState? Network, bool WasJoinedBefore, CommandError? Error)
{
    public static implicit operator JoinOutcome(CommandError error) => new(null, false, error);
}

/// <summary>
/// Enrols this machine. Keys first, on disk; then the pinned root; then, over a connection that this root alone vouches for, the
/// secret. Whatever dies at whatever moment, doing it again ends with the same peer.
/// </summary>
internal sealed class Joining(StateDirectory state, TimeProvider time, Action<string> progress)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(200);

    public async Task<JoinOutcome> JoinAsync(JoinCode code, string name, string? wantedInterface, CancellationToken cancellation)
    {
        using var onlyOne = await LockAsync(cancellation);
        if (onlyOne is null)
        {
            return new CommandError(ExitCode.Failed, "Another 'elysium join' has been running for 30 s. Wait for it, or end it, and try again.");
        }

        if (state.Networks().FirstOrDefault(n => n.Record.TokenPrefix == code.TokenPrefix) is { } known)
        {
            return known.ReadRevocation() is { } revocation
                ? new CommandError(ExitCode.Revoked, $"This machine joined {known.Record.Name} with this code and was cut off since: {revocation.Reason}")
                : new JoinOutcome(known, WasJoinedBefore: true, Error: null);
        }

        var (interfaceName, interfaceError) = ChooseInterface(wantedInterface);
        if (interfaceName is null)
        {
            return interfaceError!;
        }

        var pending = state.OpenPending(code.TokenPrefix);
        var request = new EnrollRequest(
            name,
            pending.WireGuardKey.PublicKey.ToString(),
            ClientIdentity.CertificateRequestFor(pending.IdentityKey));
        var answer = await EnrollPatientlyAsync(code, request, cancellation);
        return answer.Is(out var enrolled, out var failure)
            ? await TakeInAsync(code, pending, enrolled, interfaceName, cancellation)
            : CommandError.Of(failure);
    }

    private async Task<FileLock?> LockAsync(CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            if (state.TryLockForJoining() is { } taken)
            {
                return taken;
            }

            if (time.GetElapsedTime(start) > Patience)
            {
                return null;
            }

            await Task.Delay(LockPoll, time, cancellation);
        }
    }

    private (string? Name, CommandError? Error) ChooseInterface(string? wanted)
    {
        var ours = state.Networks().Where(static n => n.ReadRevocation() is null).ToDictionary(static n => n.Record.Interface);
        using var netlink = RouteNetlink.Open();
        var taken = netlink.GetLinks().Select(static l => l.Name).Concat(ours.Keys).ToHashSet(StringComparer.Ordinal);
        if (wanted is null)
        {
            return (InterfaceName.NextFree(taken), null);
        }

        var owner = ours.TryGetValue(wanted, out var network) ? $"the network {network.Record.Name} uses it" : "this machine has a link of that name";
        return taken.Contains(wanted)
            ? (null, new CommandError(ExitCode.Failed, $"The interface {wanted} is taken: {owner}. Choose another with --interface, or leave it out."))
            : (wanted, null);
    }

    private async Task<Answer<EnrollResponse>> EnrollPatientlyAsync(JoinCode code, EnrollRequest request, CancellationToken cancellation)
    {
        var backoff = new Backoff(Jitter.Next, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(8));
        var start = time.GetTimestamp();
        while (true)
        {
            var answer = await EnrollAsync(code, request, cancellation);
            var wait = backoff.Next();
            if (answer.Is(out _, out var failure) || failure is not Unreachable || time.GetElapsedTime(start) + wait > Patience)
            {
                return answer;
            }

            progress($"{failure.Message}; trying again in {wait.TotalSeconds:0.0} s");
            await Task.Delay(wait, time, cancellation);
        }
    }

    private async Task<Answer<EnrollResponse>> EnrollAsync(JoinCode code, EnrollRequest request, CancellationToken cancellation)
    {
        var (trust, failure) = await PinnedTrust.FetchAsync(code.Url, code.Pin, time, cancellation);
        if (trust is null)
        {
            return failure!;
        }

        using var connection = BackendConnection.Verified(code.Url, trust, time);
        return await connection.PostAsync(
            "/v1/enroll",
            request,
            ElysiumJson.Default.EnrollRequest,
            ElysiumJson.Default.EnrollResponse,
            code.BearerToken,
            cancellation);
    }

    private async Task<JoinOutcome> TakeInAsync(
        JoinCode code,
        PendingIdentity pending,
        EnrollResponse enrolled,
        string interfaceName,
        CancellationToken cancellation)
    {
        var network = enrolled.Map.Network;
        if (!DnsLabel.IsValid(network.Name) || enrolled.Map.Self.WireGuardPublicKey != pending.WireGuardKey.PublicKey.ToString())
        {
            return new CommandError(ExitCode.Refused, "The backend answered for another machine or with a network name that is no DNS label; nothing was taken over.");
        }

        if (state.Find(network.Id.ToString("D")) is { } other && other.ReadRevocation() is null)
        {
            await UndoAsync(code, pending, enrolled, cancellation);
            return new CommandError(
                ExitCode.Failed,
                $"This machine is in {network.Name} already, with another join code. To join it anew, 'elysium leave {network.Name}' first.");
        }

        // The keys stay, and with them the way back: the same code gives the same peer once the way is clear.
        if (PrefixConflict.Find(enrolled.Map, interfaceName, state.Networks()) is { } conflict)
        {
            return new CommandError(
                ExitCode.Failed,
                $"{conflict}: the two could not be told apart, and nothing was set up. Remove the other and join with this code again. "
                + $"The backend keeps the peer until then; 'elysium peer revoke {network.Name} {enrolled.Map.Self.Name}' gives it up.");
        }

        var now = time.GetUtcNow();
        var record = new NetworkRecord(network.Id, network.Name, interfaceName, code.Url, code.TokenPrefix, now);
        pending.Complete(record, enrolled, now);
        return new JoinOutcome(state.Adopt(pending, record), WasJoinedBefore: false, Error: null);
    }

    // The second peer that the backend just made of this machine would otherwise stay there for ever.
    private async Task UndoAsync(JoinCode code, PendingIdentity pending, EnrollResponse enrolled, CancellationToken cancellation)
    {
        if (!BackendTrust.TryRead(enrolled.Trust, time, out var trust, out _))
        {
            return;
        }

        var identity = ClientIdentity.Read(enrolled.Certificate, pending.IdentityKey);
        using var connection = BackendConnection.Verified(code.Url, trust, time, identity.Context);
        var answer = await connection.DeleteAsync("/v1/self", null, cancellation);
        if (answer.Is(out _, out var failure))
        {
            Directory.Delete(pending.Folder, recursive: true);
        }
        else
        {
            progress($"the backend keeps the peer {enrolled.Map.Self.Name} that this made: {failure.Message}");
        }
    }
}
