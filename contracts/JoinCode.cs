using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Elysium.Contracts;

/// <summary>
/// All that a machine needs to join: where the backend is, which root certificate to trust, and a secret that lets it in.
/// <c>ely1_</c> and the base64url of: version-specific payload = pin (32 bytes) · secret (32 bytes) · URL (UTF-8) · check (first
/// 4 bytes of the SHA-256 of all before). The check finds typing and copying errors; it protects nothing.
/// </summary>
public sealed class JoinCode
{
    /// <summary>What every join code of this version starts with.</summary>
    public const string Prefix = "ely1_";

    /// <summary>What the enrollment secret starts with in the Authorization header.</summary>
    public const string SecretPrefix = "elye_";

    /// <summary>Bytes of the pin, and of the secret.</summary>
    public const int SecretLength = 32;

    private const int CheckLength = 4;
    private const int MaxUrlLength = 512;

    /// <summary>Makes a code from its parts.</summary>
    /// <exception cref="ArgumentException">The URL is no absolute https one, or pin or secret are not 32 bytes.</exception>
    public JoinCode(Uri url, ReadOnlySpan<byte> pin, ReadOnlySpan<byte> secret)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (!IsBackendUrl(url) || url.AbsoluteUri.Length > MaxUrlLength)
        {
            throw new ArgumentException($"'{url}' is no https URL of at most {MaxUrlLength} characters without path, query and user.", nameof(url));
        }

        if (pin.Length != SecretLength || secret.Length != SecretLength)
        {
            throw new ArgumentException("Pin and secret have 32 bytes each.");
        }

        Url = url;
        Pin = pin.ToArray();
        Secret = secret.ToArray();
    }

    /// <summary>The backend's base URL.</summary>
    public Uri Url { get; }

    /// <summary>SHA-256 of the root certificate's SubjectPublicKeyInfo, 32 bytes.</summary>
    public ReadOnlyMemory<byte> Pin { get; }

    /// <summary>The enrollment secret, 32 bytes.</summary>
    public ReadOnlyMemory<byte> Secret { get; }

    /// <summary>The secret as the Authorization header's bearer token carries it.</summary>
    public string BearerToken => SecretPrefix + Base64Url.EncodeToString(Secret.Span);

    /// <summary>The short public name of the token: the first 8 hex digits of the SHA-256 of its secret.</summary>
    public string TokenPrefix => Convert.ToHexStringLower(SHA256.HashData(Secret.Span)[..4]);

    /// <summary>The code itself: a secret. <see cref="ToString"/> does not show it.</summary>
    public string Reveal()
    {
        byte[] payload = [.. Pin.Span, .. Secret.Span, .. Encoding.UTF8.GetBytes(Url.GetLeftPart(UriPartial.Authority))];
        return Prefix + Base64Url.EncodeToString([.. payload, .. SHA256.HashData(payload)[..CheckLength]]);
    }

    /// <summary>Shows where it leads, never the secret.</summary>
    public override string ToString() => $"{Prefix}… ({Url.Authority}, token {TokenPrefix})";

    /// <summary>Reads a code; says what is wrong with one that it refuses, without repeating it.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out JoinCode? code, [NotNullWhen(false)] out string? error)
    {
        code = null;
        text = text?.Trim();
        if (string.IsNullOrEmpty(text))
        {
            error = "The join code is empty.";
            return false;
        }

        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            error = $"This is no join code: it does not start with '{Prefix}'.";
            return false;
        }

        var encoded = text.AsSpan(Prefix.Length);
        if (encoded.Length > 1024 || !Base64Url.IsValid(encoded))
        {
            error = "The join code is damaged: it has characters that a join code cannot have, or too many of them. Copy it again, whole.";
            return false;
        }

        var bytes = Base64Url.DecodeFromChars(encoded);
        if (bytes.Length < 2 * SecretLength + CheckLength)
        {
            error = "The join code is too short: a part of it is missing. Copy it again, whole.";
            return false;
        }

        var payload = bytes.AsSpan(0, bytes.Length - CheckLength);
        if (!SHA256.HashData(payload).AsSpan(0, CheckLength).SequenceEqual(bytes.AsSpan(payload.Length)))
        {
            error = "The join code is damaged: its check does not match, so a part is missing or altered. Copy it again, whole.";
            return false;
        }

        if (!Uri.TryCreate(Encoding.UTF8.GetString(payload[(2 * SecretLength)..]), UriKind.Absolute, out var url)
            || !IsBackendUrl(url)
            || url.AbsoluteUri.Length > MaxUrlLength)
        {
            error = "The join code names no https backend. Make a new one with 'elysium token create'.";
            return false;
        }

        code = new JoinCode(url, payload[..SecretLength], payload.Slice(SecretLength, SecretLength));
        error = null;
        return true;
    }

    /// <summary>
    /// Whether a URL can be a backend's: https, a host, no path, query, fragment or user. A link-local IPv6 address (RFC 4007: with its zone, it
    /// means something on one machine only) is no host that others could be told of.
    /// </summary>
    public static bool IsBackendUrl(Uri url) =>
        url is { IsAbsoluteUri: true, Scheme: "https", AbsolutePath: "/", Query: "", Fragment: "", UserInfo: "", Host.Length: > 0 }
        && !(url.HostNameType == UriHostNameType.IPv6 && (!IPAddress.TryParse(url.IdnHost.Split('%')[0], out var address) || address.IsIPv6LinkLocal));
}
