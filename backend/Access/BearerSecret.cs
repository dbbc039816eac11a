using System.Buffers.Text;
using System.Security.Cryptography;

namespace Elysium.Backend.Access;

/// <summary>
/// A 256-bit secret as a bearer token carries it: a prefix that tells its kind, and base64url. Only its SHA-256 is ever kept, which
/// for a uniformly random secret needs neither salt nor stretching.
/// </summary>
internal static class BearerSecret
{
    public const string ApiPrefix = "elya_";

    private const int Length = 32;

    public static byte[] Generate() => RandomNumberGenerator.GetBytes(Length);

    public static string Reveal(string kind, ReadOnlySpan<byte> secret) => kind + Base64Url.EncodeToString(secret);

    public static byte[] Hash(ReadOnlySpan<byte> secret) => SHA256.HashData(secret);

    /// <summary>A short public name for a secret: tells it apart in lists and logs, and helps nobody to guess it.</summary>
    public static string PublicPrefix(ReadOnlySpan<byte> hash) => Convert.ToHexStringLower(hash[..4]);

    /// <summary>The SHA-256 of the secret in the Authorization header; null when there is none of this kind or it is malformed.</summary>
    public static byte[]? HashFrom(HttpRequest request, string kind)
    {
        const string Scheme = "Bearer ";
        string? header = request.Headers.Authorization;
        if (header is null
            || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            || !header.AsSpan(Scheme.Length).StartsWith(kind, StringComparison.Ordinal))
        {
            return null;
        }

        var encoded = header.AsSpan(Scheme.Length + kind.Length);
        Span<byte> secret = stackalloc byte[Length];
        return encoded.Length == Base64Url.GetEncodedLength(Length)
            && Base64Url.IsValid(encoded)
            && Base64Url.TryDecodeFromChars(encoded, secret, out var written)
            && written == Length
                ? Hash(secret)
                : null;
    }
}
