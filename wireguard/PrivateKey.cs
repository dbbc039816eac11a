using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc7748;

namespace Elysium.WireGuard;

/// <summary>
/// A Curve25519 private key (RFC 7748 §5), always clamped: a device clamps what it is given, so two spellings of one key must
/// not look like a difference. <see cref="ToString"/> never shows it.
/// </summary>
public sealed class PrivateKey : IEquatable<PrivateKey>
{
    /// <summary>Bytes of a key.</summary>
    public const int Length = KeyText.Bytes;

    private readonly byte[] _key;
    private readonly Lazy<PublicKey> _publicKey;

    /// <summary>Takes a copy of 32 bytes and clamps it.</summary>
    /// <exception cref="ArgumentException">Not 32 bytes, or all zero.</exception>
    public PrivateKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != Length || KeyText.IsZero(key))
        {
            throw new ArgumentException("A private key has 32 bytes that are not all zero.", nameof(key));
        }

        _key = key.ToArray();
        _key[0] &= 248;
        _key[31] = (byte)((_key[31] & 127) | 64);
        _publicKey = new Lazy<PublicKey>(ComputePublicKey);
    }

    /// <summary>The public key that belongs to it; computed once (about 0.1 ms).</summary>
    public PublicKey PublicKey => _publicKey.Value;

    /// <summary>A new key from the system's randomness.</summary>
    public static PrivateKey Generate()
    {
        Span<byte> key = stackalloc byte[Length];
        RandomNumberGenerator.Fill(key);
        var generated = new PrivateKey(key);
        CryptographicOperations.ZeroMemory(key);
        return generated;
    }

    /// <summary>Reads 44 characters of canonical base64.</summary>
    public static bool TryParse(ReadOnlySpan<char> base64, [NotNullWhen(true)] out PrivateKey? key)
    {
        Span<byte> bytes = stackalloc byte[Length];
        return TryMake(KeyText.TryFromBase64(base64, bytes), bytes, out key);
    }

    /// <summary>Reads 64 hex digits.</summary>
    public static bool TryParseHex(ReadOnlySpan<char> hex, [NotNullWhen(true)] out PrivateKey? key)
    {
        Span<byte> bytes = stackalloc byte[Length];
        return TryMake(KeyText.TryFromHex(hex, bytes), bytes, out key);
    }

    /// <summary>The key in base64: a secret.</summary>
    public string ToBase64() => Convert.ToBase64String(_key);

    /// <summary>The key in lower-case hex: a secret.</summary>
    public string ToHex() => Convert.ToHexStringLower(_key);

    /// <summary>Writes the 32 bytes: a secret.</summary>
    public void CopyTo(Span<byte> destination) => _key.CopyTo(destination);

    /// <summary>Compares in a time that does not depend on the keys.</summary>
    public bool Equals([NotNullWhen(true)] PrivateKey? other) => other is not null && CryptographicOperations.FixedTimeEquals(_key, other._key);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PrivateKey);

    /// <inheritdoc/>
    public override int GetHashCode() => PublicKey.GetHashCode();

    /// <summary>Never the key.</summary>
    public override string ToString() => "(private key)";

    internal ReadOnlySpan<byte> AsSpan() => _key;

    private static bool TryMake(bool read, Span<byte> bytes, [NotNullWhen(true)] out PrivateKey? key)
    {
        key = read && !KeyText.IsZero(bytes) ? new PrivateKey(bytes) : null;
        CryptographicOperations.ZeroMemory(bytes);
        return key is not null;
    }

    private PublicKey ComputePublicKey()
    {
        var publicKey = new byte[PublicKey.Length];
        X25519.ScalarMultBase(_key, 0, publicKey, 0);
        return new PublicKey(publicKey);
    }
}
