using System.Security.Claims;
using System.Text.Encodings.Web;
using Elysium.Backend.Hosting;
using Elysium.Backend.Pki;
using Elysium.Contracts;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Elysium.Backend.Access;

/// <summary>
/// Peer routes: a live peer's certificate, judged anew on every request. In order: chain and SPIFFE id, serial and peer alive, validity.
/// </summary>
internal sealed class PeerCertificateHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    PeerCertificates certificates,
    LivePeers peers,
    BackendOptions backend,
    TimeProvider time) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string Name = "peer-certificate";

    private static readonly Refusal Missing = new(ProblemCodes.CredentialRequired, "This route takes a peer's client certificate, which a machine gets when it joins.");

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Context.Connection.ClientCertificate is not { } certificate)
        {
            return AuthenticateResult.NoResult();
        }

        if (certificates.Identify(certificate) is not { } identity)
        {
            return Refused.Because(ProblemCodes.CertificateUntrusted, "The client certificate was not issued to a peer by this installation's CA.");
        }

        var peer = await peers.FindAsync(identity, Context.RequestAborted);
        if (peer is null)
        {
            return Refused.Because(ProblemCodes.PeerRevoked, $"Peer {identity.PeerId} was revoked, has left, or its network is gone. Join again with a new code.");
        }

        if (!peer.HasCertificate)
        {
            return Refused.Because(ProblemCodes.CertificateRevoked, $"The certificate with serial {identity.Serial} was revoked.");
        }

        if (Judge(identity, time.GetUtcNow()) is { } refusal)
        {
            return AuthenticateResult.Fail(new Refused(refusal));
        }

        Context.Features.Set(new AuthenticatedPeer(identity.PeerId, identity.NetworkId, peer.Name, identity.Serial, identity.KeyHash, identity.NotAfter, peer.NetworkVersion));
        var claims = new ClaimsIdentity([new Claim(ClaimTypes.Name, $"peer:{identity.PeerId}")], Name);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(claims), Name));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var result = await HandleAuthenticateOnceAsync();
        await Problems.WriteAsync(Context, (result.Failure as Refused)?.Refusal ?? Missing);
    }

    /// <summary>An expired certificate may still be renewed for a while, and do nothing else: expiry must not lock headless machines out.</summary>
    private Refusal? Judge(PeerIdentity identity, DateTimeOffset now)
    {
        if (now < identity.NotBefore)
        {
            return new Refusal(ProblemCodes.CertificateExpired, $"The certificate is valid from {identity.NotBefore:u}; the backend's clock says {now:u}.");
        }

        if (now <= identity.NotAfter)
        {
            return null;
        }

        if (Context.GetEndpoint()?.Metadata.GetMetadata<AllowExpiredCertificate>() is null)
        {
            return new Refusal(ProblemCodes.CertificateExpired, $"The certificate ended at {identity.NotAfter:u}; the backend's clock says {now:u}. It can be renewed until {identity.NotAfter + backend.RenewalGrace:u}.");
        }

        return now <= identity.NotAfter + backend.RenewalGrace
            ? null
            : new Refusal(ProblemCodes.RenewalTooLate, $"The certificate ended at {identity.NotAfter:u} and could be renewed until {identity.NotAfter + backend.RenewalGrace:u}. Revoke the peer and join again.");
    }
}

/// <summary>On the renewal route only.</summary>
internal sealed class AllowExpiredCertificate;

/// <summary>The peer that a request came from. Endpoints take it as a parameter.</summary>
internal sealed record AuthenticatedPeer(
    Guid Id,
    Guid NetworkId,
    string Name,
    string CertificateSerial,
    byte[] CertificateKeyHash,
    DateTimeOffset CertificateNotAfter,
    long NetworkVersion)
{
    public string Actor => $"peer:{Id}";

    public static ValueTask<AuthenticatedPeer?> BindAsync(HttpContext http) => ValueTask.FromResult(http.Features.Get<AuthenticatedPeer>());
}
