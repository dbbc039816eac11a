using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Elysium.Backend.Maps;
using Elysium.Backend.Networks;
using Elysium.Backend.Peers;
using Elysium.Backend.Pki;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Enrollment;

/// <summary>
/// Makes a machine a peer: what needs no lock here, the rest in its network's next transaction. Asked again with the same certificate key
/// under the same token, it gives the same peer: a machine that lost the answer just asks again. A WireGuard key is public and proves
/// nothing, so whoever comes with another machine's gets nothing of that machine.
/// </summary>
internal sealed class MachineEnrollment(
    IDbContextFactory<ElysiumDatabase> databases,
    EnrollmentWriters writers,
    CertificateAuthority authority,
    MapReader maps,
    TimeProvider time)
{
    private static readonly Refusal UnknownToken = new(ProblemCodes.EnrollmentTokenUnknown, "No enrollment token has this secret. Its network may have been deleted; ask for a new join code.");
    private static readonly Refusal TwiceAtOnce = new(ProblemCodes.Unavailable, "The same enrolment is under way several times at once. Try again.");

    // Of this instance: a compiled query belongs to one engine's model.
    private readonly Func<ElysiumDatabase, byte[], byte[], CancellationToken, Task<Known?>> _find = EF.CompileAsyncQuery(
        (ElysiumDatabase database, byte[] secretHash, byte[] keyHash, CancellationToken _) => database.EnrollmentTokens
            .AsNoTracking()
            .Where(t => t.SecretHash == secretHash)
            .Join(database.Networks, t => t.NetworkId, n => n.Id, (token, network) => new Known(
                token,
                network,
                database.Peers
                    .Where(p => p.NetworkId == token.NetworkId && p.CertificateKeyHash == keyHash && p.EnrollmentTokenId == token.Id)
                    .Select(p => (Guid?)p.Id)
                    .SingleOrDefault()))
            .SingleOrDefault());

    public async Task<Outcome<EnrollResponse>> RunAsync(byte[] secretHash, EnrollRequest request, CancellationToken cancellationToken)
    {
        // 1. The request is sound and proves its key; the token exists, which is told first.
        var application = Application.Read(request);
        if (await FindAsync(secretHash, application.Refusal is null ? application.Value.Request.KeyHash : [], cancellationToken) is not { } known)
        {
            return UnknownToken;
        }

        if (application.Refusal is { } refusal)
        {
            return refusal;
        }

        // 2. A token that lets nobody in tells nothing of who is there, and costs no signature. Otherwise as the peer that this key made with this token before, or as a new one. If the same machine gets in by another request
        //    meanwhile, as that one.
        var now = time.GetUtcNow();
        if (known.Replayed is null && !known.Token.IsOpen(now))
        {
            return EnrollmentToken.Explain(known.Token, now);
        }

        var joined = await JoinAsync(known, application.Value, known.Replayed ?? Guid.CreateVersion7(now), now, cancellationToken);
        if (joined is { Refusal: null, Value: (var peer, null) })
        {
            joined = await JoinAsync(known, application.Value, peer.Id, now, cancellationToken);
        }

        if (joined.Refusal is { } no)
        {
            return no;
        }

        // 3. Without the other peers: the feed tells of them, and who joins reaches the hub meanwhile. So the answer costs the same in
        //    a network of ten thousand.
        return joined.Value is (var self, { } certificate)
            ? new EnrollResponse(certificate, authority.Trust, maps.Map(known.Network, self, []) with { Version = 0 })
            : TwiceAtOnce;
    }

    private async Task<Known?> FindAsync(byte[] secretHash, byte[] keyHash, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await _find(database, secretHash, keyHash, cancellationToken);
    }

    /// <summary>The certificate, which takes longer than all the rest, before the transaction that others wait for.</summary>
    private async Task<Outcome<Joined>> JoinAsync(Known known, Application application, Guid peerId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (writers.Refuses(known.Network.Id) is { } busy)
        {
            return busy;
        }

        using var certificate = authority.IssueClient(known.Network.Id, peerId, application.Request.Key, now);
        var record = IssuedCertificate.Of(certificate, known.Network.Id, peerId, application.Request.KeyHash);
        var pending = new PendingEnrollment(known.Network, known.Token, application, peerId, record, cancellationToken);
        if (writers.Hand(pending) is { } full)
        {
            return full;
        }

        var outcome = await pending.Answer;
        return outcome.Refusal is { } refusal
            ? refusal
            : new Joined(outcome.Value, outcome.Value.Id == peerId ? authority.ChainPem(certificate) : null);
    }

    /// <summary>What is there before: the token with its network, and the peer that this very key made with it.</summary>
    private sealed record Known(EnrollmentToken Token, Network Network, Guid? Replayed);

    /// <summary>The peer that the machine is; without a certificate if the one that was made names another.</summary>
    private sealed record Joined(Peer Peer, string? Certificate);
}
