using System.Net;
using System.Security.Cryptography.X509Certificates;
using Elysium.Backend.Audit;
using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Elysium.Backend.Maps;
using Elysium.Backend.Networks;
using Elysium.Backend.Peers;
using Elysium.Backend.Pki;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;
using WireGuardKey = Elysium.WireGuard.PublicKey;

namespace Elysium.Backend.Enrollment;

/// <summary>
/// Makes a machine a peer, in one transaction: token use, address, peer, certificate, change, audit. Asked again with the same
/// certificate key under the same token, it gives the same peer: a machine that lost the answer just asks again. A WireGuard key is
/// public and proves nothing, so whoever comes with another machine's gets nothing of that machine.
/// </summary>
internal sealed class MachineEnrollment(
    IDbContextFactory<ElysiumDatabase> databases,
    DatabaseWriter writer,
    CertificateAuthority authority,
    AddressPool addresses,
    MapReader maps,
    ChangePublisher changes,
    TimeProvider time)
{
    public async Task<Outcome<EnrollResponse>> RunAsync(byte[] secretHash, EnrollRequest request, CancellationToken cancellationToken)
    {
        // 1. What needs no lock: the token exists, and the request is sound and proves its key.
        if (await FindTokenAsync(secretHash, cancellationToken) is not { } token)
        {
            return new Refusal(ProblemCodes.EnrollmentTokenUnknown, "No enrollment token has this secret. Its network may have been deleted; ask for a new join code.");
        }

        var application = Application.Read(request);
        if (application.Refusal is { } refusal)
        {
            return refusal;
        }

        // 2. The certificate, which takes longer than all the rest, before the transaction that others wait for.
        var now = time.GetUtcNow();
        var peerId = await ReplayedPeerAsync(token, application.Value, cancellationToken) ?? Guid.CreateVersion7(now);
        using var certificate = authority.IssueClient(token.NetworkId, peerId, application.Value.Request.Key, now);

        // 3. One transaction.
        var joined = await writer.WriteAsync<Joined>(
            (database, ct) => JoinAsync(database, token, application.Value, peerId, certificate, now, ct),
            cancellationToken);
        if (joined.Refusal is { } no)
        {
            return no.Code == ProblemCodes.NameTaken ? no with { Detail = $"Another peer of the network has the name '{request.Name}'." } : no;
        }

        // 4. Everybody else hears of it; a replay changed nothing.
        if (joined.Value.Change is { } change)
        {
            changes.Publish(change);
        }

        return await maps.WholeAsync(token.NetworkId, peerId, cancellationToken) is { } map
            ? new EnrollResponse(authority.ChainPem(certificate), authority.Trust, map)
            : new Refusal(ProblemCodes.PeerRevoked, "The peer was removed while it joined.");
    }

    private async Task<EnrollmentToken?> FindTokenAsync(byte[] secretHash, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.EnrollmentTokens.AsNoTracking().SingleOrDefaultAsync(t => t.SecretHash == secretHash, cancellationToken);
    }

    /// <summary>The peer that this very key made with this very token before.</summary>
    private async Task<Guid?> ReplayedPeerAsync(EnrollmentToken token, Application application, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Peers.AsNoTracking()
            .Where(p => p.NetworkId == token.NetworkId && p.EnrollmentTokenId == token.Id && p.CertificateKeyHash == application.Request.KeyHash)
            .Select(p => (Guid?)p.Id)
            .SingleOrDefaultAsync(cancellationToken);
    }

    private async Task<Outcome<Joined>> JoinAsync(
        ElysiumDatabase database,
        EnrollmentToken token,
        Application application,
        Guid peerId,
        X509Certificate2 certificate,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var keyHash = application.Request.KeyHash;
        var known = await database.Peers.SingleOrDefaultAsync(p => p.NetworkId == token.NetworkId && p.CertificateKeyHash == keyHash, cancellationToken);
        if (known is not null)
        {
            // Read again: it may have been revoked since we first looked.
            if (await database.EnrollmentTokens.AnyAsync(t => t.Id == token.Id && t.RevokedAt != null, cancellationToken))
            {
                return new Refusal(ProblemCodes.EnrollmentTokenRevoked, $"The enrollment token {token.Prefix} was revoked.");
            }

            return Replay(database, token, application, peerId, certificate, known);
        }

        if (await database.Certificates.AnyAsync(c => c.NetworkId == token.NetworkId && c.KeyHash == keyHash && c.RevokedAt != null, cancellationToken))
        {
            return new Refusal(ProblemCodes.PeerRevoked, "This machine's certificate key was revoked in the network. Remove its state and join with new keys, if the operator agrees.");
        }

        if (await UseTokenAsync(database, token, now, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var ticket = await NetworkVersion.AdvanceWithAddressAsync(database, token.NetworkId, cancellationToken);
        if (ticket is null)
        {
            return new Refusal(ProblemCodes.EnrollmentTokenUnknown, "The network of this token was just deleted.");
        }

        var wireGuardKey = application.WireGuardKey.ToArray();
        if (wireGuardKey.SequenceEqual(ticket.HubPublicKey)
            || await database.Peers.AnyAsync(p => p.NetworkId == token.NetworkId && p.WireGuardPublicKey == wireGuardKey, cancellationToken))
        {
            return new Refusal(ProblemCodes.WireGuardKeyInUse, "Another peer or the hub of this network holds this WireGuard key. Make a new one.");
        }

        var address = await addresses.TakeAsync(database, token.NetworkId, ticket, now, cancellationToken);
        if (address.Refusal is { } full)
        {
            return full;
        }

        Add(database, token, application, peerId, certificate, address.Value, ticket.Version, now);
        return new Joined(new Change(token.NetworkId, ticket.Version));
    }

    /// <summary>The same peer and a fresh certificate, even when the token is used up or over by now; not when an operator revoked it.</summary>
    private static Outcome<Joined> Replay(
        ElysiumDatabase database,
        EnrollmentToken token,
        Application application,
        Guid peerId,
        X509Certificate2 certificate,
        Peer known)
    {
        if (known.EnrollmentTokenId != token.Id || !application.WireGuardKey.ToArray().SequenceEqual(known.WireGuardPublicKey))
        {
            return new Refusal(ProblemCodes.CertificateKeyInUse, "This certificate key was enrolled in the network before, with another token or WireGuard key. Join with new keys.");
        }

        // The peer may have come between our first look and this transaction; then the certificate names nobody, and the caller asks again.
        if (known.Id != peerId)
        {
            return new Refusal(ProblemCodes.Unavailable, "The same enrolment is under way at the same time. Try again.");
        }

        database.Certificates.Add(Record(token.NetworkId, peerId, application, certificate));
        return new Joined(null);
    }

    /// <summary>Takes one use, as the first lock; the conditions hold in the statement itself, so two machines cannot share the last one.</summary>
    private static async Task<Refusal?> UseTokenAsync(ElysiumDatabase database, EnrollmentToken token, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var used = await database.EnrollmentTokens
            .Where(t => t.Id == token.Id && t.Used < t.Uses && t.RevokedAt == null && t.ExpiresAt > now)
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.Used, t => t.Used + 1), cancellationToken);
        if (used == 1)
        {
            return null;
        }

        var current = await database.EnrollmentTokens.AsNoTracking().SingleOrDefaultAsync(t => t.Id == token.Id, cancellationToken);
        return current switch
        {
            null => new Refusal(ProblemCodes.EnrollmentTokenUnknown, "The enrollment token was just deleted."),
            { RevokedAt: { } at } => new Refusal(ProblemCodes.EnrollmentTokenRevoked, $"The enrollment token {current.Prefix} was revoked at {at:u}."),
            _ when current.ExpiresAt <= now => new Refusal(ProblemCodes.EnrollmentTokenExpired, $"The enrollment token {current.Prefix} expired at {current.ExpiresAt:u}; the backend's clock says {now:u}."),
            _ => new Refusal(ProblemCodes.EnrollmentTokenUsedUp, $"The enrollment token {current.Prefix} was used {current.Used} of {current.Uses} times. Ask for a new join code."),
        };
    }

    private static void Add(
        ElysiumDatabase database,
        EnrollmentToken token,
        Application application,
        Guid peerId,
        X509Certificate2 certificate,
        IPAddress address,
        long version,
        DateTimeOffset now)
    {
        database.Peers.Add(new Peer
        {
            Id = peerId,
            NetworkId = token.NetworkId,
            Name = application.Name,
            WireGuardPublicKey = application.WireGuardKey.ToArray(),
            Address = address.GetAddressBytes(),
            CertificateKeyHash = application.Request.KeyHash,
            EnrollmentTokenId = token.Id,
            Ephemeral = token.Ephemeral,
            Tags = token.Tags,
            CreatedAt = now,
        });
        database.Certificates.Add(Record(token.NetworkId, peerId, application, certificate));
        database.MapChanges.Add(new MapChangeRow { NetworkId = token.NetworkId, Version = version, PeerId = peerId, At = now });
        database.AuditEvents.Add(AuditEvent.Of(now, $"enrollment-token:{token.Prefix}", "peer.joined", $"{application.Name} {address}", token.NetworkId, peerId));
    }

    private static IssuedCertificate Record(Guid networkId, Guid peerId, Application application, X509Certificate2 certificate) =>
        IssuedCertificate.Of(certificate, networkId, peerId, application.Request.KeyHash);

    /// <summary>What the transaction did; nothing to tell others after a replay.</summary>
    private sealed record Joined(Change? Change);

    /// <summary>A request that is sound.</summary>
    private sealed record Application(string Name, WireGuardKey WireGuardKey, CertificateSigningRequest Request)
    {
        public static Outcome<Application> Read(EnrollRequest request)
        {
            if (!DnsLabel.IsValid(request.Name))
            {
                var shown = request.Name.Length <= DnsLabel.MaxLength ? request.Name : request.Name[..DnsLabel.MaxLength] + "…";
                return new Refusal(ProblemCodes.InvalidName, $"'{shown}' cannot be a machine's name: {DnsLabel.Rule}.");
            }

            if (!WireGuardKey.TryParse(request.WireGuardPublicKey, out var key))
            {
                return new Refusal(ProblemCodes.InvalidWireGuardKey, "wireGuardPublicKey is not the base64 of a 32-byte public key.");
            }

            var csr = CertificateSigningRequest.Read(request.CertificateRequest);
            return csr.Refusal is { } refusal ? refusal : new Application(request.Name, key, csr.Value);
        }
    }
}
