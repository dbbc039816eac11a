using Elysium.Backend.Access;
using Elysium.Backend.Audit;
using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Elysium.Backend.Pki;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Peers;

/// <summary>What a peer does about itself: renew its certificate, leave.</summary>
internal static class SelfEndpoints
{
    public static void MapSelf(this IEndpointRouteBuilder routes)
    {
        routes.MapDelete("/v1/self", Leave).RequirePeer().Produces(StatusCodes.Status204NoContent);
        routes.MapPost("/v1/self/certificate", Renew).RequirePeer().WithMetadata(new AllowExpiredCertificate()).Produces<RenewResponse>();
    }

    private static async Task<IResult> Leave(AuthenticatedPeer peer, PeerRemoval removal, CancellationToken cancellationToken) =>
        (await removal.RunAsync(peer.NetworkId, peer.Id, peer.Actor, "peer.left", cancellationToken)).Refusal is { } refusal
            ? refusal.ToResult()
            : TypedResults.NoContent();

    private static async Task<IResult> Renew(
        RenewRequest request,
        AuthenticatedPeer peer,
        CertificateAuthority authority,
        DatabaseWriter writer,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var csr = CertificateSigningRequest.Read(request.CertificateRequest);
        if (csr.Refusal is { } bad)
        {
            return bad.ToResult();
        }

        var now = time.GetUtcNow();
        if (!csr.Value.KeyHash.AsSpan().SequenceEqual(peer.CertificateKeyHash))
        {
            return new Refusal(ProblemCodes.InvalidCertificateRequest, "A certificate is renewed for its own key. To have another, leave and join again.").ToResult();
        }

        using var certificate = authority.IssueClient(peer.NetworkId, peer.Id, csr.Value.Key, now);
        var outcome = await writer.WriteAsync<bool>(
            async (database, token) =>
            {
                // It was alive when the request came; a revocation since then must win.
                if (!await database.Peers.AnyAsync(p => p.Id == peer.Id, token))
                {
                    return new Refusal(ProblemCodes.PeerRevoked, $"Peer {peer.Id} was revoked or has left.");
                }

                database.Certificates.Add(IssuedCertificate.Of(certificate, peer.NetworkId, peer.Id, csr.Value.KeyHash));
                database.AuditEvents.Add(AuditEvent.Of(now, peer.Actor, "certificate.renewed", certificate.SerialNumber.ToLowerInvariant(), peer.NetworkId, peer.Id));
                return true;
            },
            cancellationToken);
        return outcome.Refusal is { } refusal
            ? refusal.ToResult()
            : TypedResults.Json(new RenewResponse(authority.ChainPem(certificate), authority.Trust), ElysiumJson.Default.RenewResponse);
    }
}
