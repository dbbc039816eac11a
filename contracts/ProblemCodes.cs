namespace Elysium.Contracts;

/// <summary>The stable <c>code</c> of a problem (RFC 9457). Callers decide by these, never by the text.</summary>
public static class ProblemCodes
{
    /// <summary>400: the body is no JSON, lacks a field or has one of the wrong type or size.</summary>
    public const string InvalidRequest = "invalid_request";

    /// <summary>400: a name that is no DNS label (RFC 1123: a-z, 0-9 and inner hyphens, 1 to 63).</summary>
    public const string InvalidName = "invalid_name";

    /// <summary>400: a prefix that is malformed, has host bits, is too small, too large, or not private (IPv6: not of fc00::/7).</summary>
    public const string InvalidPrefix = "invalid_prefix";

    /// <summary>400: the PKCS#10 request is malformed, not ECDSA P-256, or not signed by its own key.</summary>
    public const string InvalidCertificateRequest = "invalid_certificate_request";

    /// <summary>400: no 32-byte base64 key, or one that no private key can have.</summary>
    public const string InvalidWireGuardKey = "invalid_wireguard_key";

    /// <summary>401: the request carries no credential of the kind that the route takes.</summary>
    public const string CredentialRequired = "credential_required";

    /// <summary>401: no enrollment token has this secret.</summary>
    public const string EnrollmentTokenUnknown = "enrollment_token_unknown";

    /// <summary>403: the enrollment token's time is over.</summary>
    public const string EnrollmentTokenExpired = "enrollment_token_expired";

    /// <summary>403: the enrollment token has no use left.</summary>
    public const string EnrollmentTokenUsedUp = "enrollment_token_used_up";

    /// <summary>403: an operator revoked the enrollment token.</summary>
    public const string EnrollmentTokenRevoked = "enrollment_token_revoked";

    /// <summary>401: no API token has this secret, or it is over.</summary>
    public const string ApiTokenInvalid = "api_token_invalid";

    /// <summary>403: the API token's role may not do this.</summary>
    public const string RoleInsufficient = "role_insufficient";

    /// <summary>401: the client certificate does not chain to this installation's CA or carries no SPIFFE id of it.</summary>
    public const string CertificateUntrusted = "certificate_untrusted";

    /// <summary>401: the client certificate is not valid yet, or no longer; the renewal route may still take it.</summary>
    public const string CertificateExpired = "certificate_expired";

    /// <summary>403: the certificate's serial was revoked or replaced.</summary>
    public const string CertificateRevoked = "certificate_revoked";

    /// <summary>403: the peer was revoked, has left, or its network is gone. Final: the agent takes its interface down.</summary>
    public const string PeerRevoked = "peer_revoked";

    /// <summary>403: the certificate is past the grace period in which it could still be renewed.</summary>
    public const string RenewalTooLate = "renewal_too_late";

    /// <summary>404: no network of this name.</summary>
    public const string NetworkNotFound = "network_not_found";

    /// <summary>404: no peer of this name in the network.</summary>
    public const string PeerNotFound = "peer_not_found";

    /// <summary>404: no enrollment token with this id or prefix.</summary>
    public const string TokenNotFound = "token_not_found";

    /// <summary>404: no such route.</summary>
    public const string NotFound = "not_found";

    /// <summary>409: another peer of the network has the name.</summary>
    public const string NameTaken = "name_taken";

    /// <summary>409: another network has the name.</summary>
    public const string NetworkNameTaken = "network_name_taken";

    /// <summary>409: the IPv4 or IPv6 prefix overlaps another network's.</summary>
    public const string PrefixOverlapsNetwork = "prefix_overlaps_network";

    /// <summary>409: the IPv4 or IPv6 prefix overlaps a route of the hub's machine.</summary>
    public const string PrefixOverlapsRoute = "prefix_overlaps_route";

    /// <summary>409: another network listens on the UDP port.</summary>
    public const string ListenPortTaken = "listen_port_taken";

    /// <summary>409: no address of the prefix is free.</summary>
    public const string NetworkFull = "network_full";

    /// <summary>409: a peer that proved another certificate key holds this WireGuard key.</summary>
    public const string WireGuardKeyInUse = "wireguard_key_in_use";

    /// <summary>409: the certificate key was enrolled before, with another token.</summary>
    public const string CertificateKeyInUse = "certificate_key_in_use";

    /// <summary>413: the body is larger than any that a route takes.</summary>
    public const string BodyTooLarge = "body_too_large";

    /// <summary>415: the body is not <c>application/json</c>.</summary>
    public const string UnsupportedMediaType = "unsupported_media_type";

    /// <summary>405: the route does not take this method.</summary>
    public const string MethodNotAllowed = "method_not_allowed";

    /// <summary>500: a bug or a broken dependency; the trace id finds it in the log.</summary>
    public const string InternalError = "internal_error";

    /// <summary>503: the backend cannot do this now; try again.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>503: it may have been done or not; look before you ask again.</summary>
    public const string OutcomeUnknown = "outcome_unknown";
}
