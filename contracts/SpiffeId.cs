using System.Diagnostics.CodeAnalysis;

namespace Elysium.Contracts;

/// <summary>
/// The identities that Elysium's certificates carry as a URI subject alternative name, after the SPIFFE ID specification §2:
/// the trust domain itself on CA certificates, <c>/backend</c> on servers, <c>/network/{id}/peer/{id}</c> on peers.
/// </summary>
public static class SpiffeId
{
    private const string Scheme = "spiffe://";

    /// <summary>The CA's: <c>spiffe://{trustDomain}</c>.</summary>
    public static string TrustDomain(string trustDomain) => Scheme + trustDomain;

    /// <summary>A backend's.</summary>
    public static string Backend(string trustDomain) => $"{Scheme}{trustDomain}/backend";

    /// <summary>A peer's.</summary>
    public static string Peer(string trustDomain, Guid network, Guid peer) => $"{Scheme}{trustDomain}/network/{network:D}/peer/{peer:D}";

    /// <summary>Reads a CA's identity back.</summary>
    public static bool TryParseTrustDomain(string? uri, [NotNullWhen(true)] out string? trustDomain)
    {
        trustDomain = uri is not null && uri.StartsWith(Scheme, StringComparison.Ordinal) ? uri[Scheme.Length..] : null;
        if (trustDomain is not null && IsTrustDomain(trustDomain))
        {
            return true;
        }

        trustDomain = null;
        return false;
    }

    /// <summary>Reads a peer's identity back; anything else, or another trust domain's, is refused.</summary>
    public static bool TryParsePeer(string? uri, string trustDomain, out Guid network, out Guid peer)
    {
        network = peer = default;
        var start = $"{Scheme}{trustDomain}/network/";
        if (uri is null || !uri.StartsWith(start, StringComparison.Ordinal))
        {
            return false;
        }

        var parts = uri[start.Length..].Split('/');
        return parts is [var n, "peer", var p]
            && Guid.TryParseExact(n, "D", out network)
            && Guid.TryParseExact(p, "D", out peer)
            && uri == Peer(trustDomain, network, peer);
    }

    /// <summary>SPIFFE ID §2.1: lower-case letters, digits, dots, dashes and underscores, 1 to 255 characters.</summary>
    public static bool IsTrustDomain(string text) =>
        text.Length is > 0 and <= 255
        && text.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-' or '_');
}
