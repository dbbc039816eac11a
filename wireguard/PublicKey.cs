using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Elysium.WireGuard;

/// <summary>
/// A Curve25519 public key: what names a peer. A value of 32 bytes, compared without allocating. <see langword="default"/> is all
/// zero, which no peer can have; nothing here reads or makes one.
/// </summary>
public readonly struct PublicKey : IEquatable<PublicKey>, IComparable<PublicKey>
{
    /// <summary>Bytes of a key.</summary>
    public const int Length = KeyText.Bytes;

    private readonly KeyBytes _bytes;

    /// <summary>Takes 32 bytes.</summary>
    /// <exception cref="ArgumentException">Not 32 bytes, or all zero.</exception>
    public PublicKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != Length || KeyText.IsZero(key))
        {
            throw new ArgumentException("A public key has 32 bytes that are not all zero.", nameof(key));
        }

        _bytes = MemoryMarshal.Read<KeyBytes>(key);
    }

    /// <summary>Reads 44 characters of canonical base64.</summary>
    public static bool TryParse(ReadOnlySpan<char> base64, out PublicKey key)
    {
        Span<byte> bytes = stackalloc byte[Length];
        return TryMake(KeyText.TryFromBase64(base64, bytes), bytes, out key);
    }

    /// <summary>Reads 44 characters of canonical base64.</summary>
    /// <exception cref="FormatException">It is none, or all zero.</exception>
    public static PublicKey Parse(ReadOnlySpan<char> base64) =>
        TryParse(base64, out var key) ? key : throw new FormatException($"'{base64}' is no WireGuard public key: 32 bytes in base64, 44 characters.");

    /// <summary>Reads 64 hex digits.</summary>
    public static bool TryParseHex(ReadOnlySpan<char> hex, out PublicKey key)
    {
        Span<byte> bytes = stackalloc byte[Length];
        return TryMake(KeyText.TryFromHex(hex, bytes), bytes, out key);
    }

    /// <summary>Whether both are the same key.</summary>
    public static bool operator ==(PublicKey left, PublicKey right) => left.Equals(right);

    /// <summary>Whether they are different keys.</summary>
    public static bool operator !=(PublicKey left, PublicKey right) => !left.Equals(right);

    /// <summary>The key in lower-case hex, as UAPI writes it.</summary>
    public string ToHex() => Convert.ToHexStringLower(AsSpan());

    /// <summary>The 32 bytes.</summary>
    public byte[] ToArray() => AsSpan().ToArray();

    /// <summary>Writes the 32 bytes.</summary>
    public void CopyTo(Span<byte> destination) => AsSpan().CopyTo(destination);

    /// <inheritdoc/>
    public bool Equals(PublicKey other) => AsSpan().SequenceEqual(other.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PublicKey other && Equals(other);

    /// <summary>Orders as the bytes do, so that two ends agree on who is the lower.</summary>
    public int CompareTo(PublicKey other) => AsSpan().SequenceCompareTo(other.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var words = MemoryMarshal.Cast<byte, ulong>(AsSpan());
        return KeyedHash.Of(words[0], words[1], words[2], words[3]);
    }

    /// <summary>The key in base64, as <c>wg</c> shows it.</summary>
    public override string ToString() => Convert.ToBase64String(AsSpan());

    [UnscopedRef]
    internal ReadOnlySpan<byte> AsSpan() => _bytes;

    private static bool TryMake(bool read, ReadOnlySpan<byte> bytes, out PublicKey key)
    {
        var good = read && !KeyText.IsZero(bytes);
        key = good ? new PublicKey(bytes) : default;
        return good;
    }

    [InlineArray(Length)]
    private struct KeyBytes
    {
        private byte _first;
    }
}
