using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Elysium.WireGuard;

/// <summary>A symmetric key that two peers mix into their handshake. <see cref="ToString"/> never shows it.</summary>
public sealed class PresharedKey : IEquatable<PresharedKey>
{
    /// <summary>Bytes of a key.</summary>
    public const int Length = KeyText.Bytes;

    private readonly byte[] _key;

    /// <summary>Takes a copy of 32 bytes.</summary>
    /// <exception cref="ArgumentException">Not 32 bytes, or all zero.</exception>
    public PresharedKey(ReadOnlySpan<byte> key)
        : this(key.ToArray())
    {
        if (key.Length != Length || KeyText.IsZero(key))
        {
            throw new ArgumentException("A preshared key has 32 bytes that are not all zero.", nameof(key));
        }
    }

    private PresharedKey(byte[] key) => _key = key;

    /// <summary>All zero: in a <see cref="PeerUpdate"/>, takes the key away that a peer has.</summary>
    public static PresharedKey None { get; } = new(new byte[Length]);

    /// <summary>A new key from the system's randomness.</summary>
    public static PresharedKey Generate() => new(RandomNumberGenerator.GetBytes(Length));

    /// <summary>Reads 44 characters of canonical base64.</summary>
    public static bool TryParse(ReadOnlySpan<char> base64, [NotNullWhen(true)] out PresharedKey? key)
    {
        Span<byte> bytes = stackalloc byte[Length];
        return TryMake(KeyText.TryFromBase64(base64, bytes), bytes, out key);
    }

    /// <summary>Reads 64 hex digits.</summary>
    public static bool TryParseHex(ReadOnlySpan<char> hex, [NotNullWhen(true)] out PresharedKey? key)
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
    public bool Equals([NotNullWhen(true)] PresharedKey? other) => other is not null && CryptographicOperations.FixedTimeEquals(_key, other._key);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PresharedKey);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var words = MemoryMarshal.Cast<byte, ulong>(_key);
        return KeyedHash.Of(words[0], words[1], words[2], words[3]);
    }

    /// <summary>Never the key.</summary>
    public override string ToString() => "(preshared key)";

    internal ReadOnlySpan<byte> AsSpan() => _key;

    private static bool TryMake(bool read, Span<byte> bytes, [NotNullWhen(true)] out PresharedKey? key)
    {
        key = read && !KeyText.IsZero(bytes) ? new PresharedKey(bytes) : null;
        CryptographicOperations.ZeroMemory(bytes);
        return key is not null;
    }
}
