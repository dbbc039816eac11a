using System.Buffers;
using System.Runtime.InteropServices;

namespace Elysium.WireGuard;

/// <summary>The two spellings of a 32-byte key: canonical base64 (44 characters, as <c>wg</c> shows it) and hex (UAPI).</summary>
internal static class KeyText
{
    public const int Bytes = 32;
    public const int Base64Characters = 44;
    public const int HexCharacters = 64;

    /// <summary>Reads base64, only as we would write it: no white space, padding in place, unused bits zero.</summary>
    public static bool TryFromBase64(ReadOnlySpan<char> text, Span<byte> key)
    {
        if (text.Length != Base64Characters || !Convert.TryFromBase64Chars(text, key, out var written) || written != Bytes)
        {
            return false;
        }

        Span<char> canonical = stackalloc char[Base64Characters];
        return Convert.TryToBase64Chars(key, canonical, out _) && text.SequenceEqual(canonical);
    }

    /// <summary>Reads 64 hex digits of either case.</summary>
    public static bool TryFromHex(ReadOnlySpan<char> text, Span<byte> key) =>
        text.Length == HexCharacters && Convert.FromHexString(text, key, out _, out var written) == OperationStatus.Done && written == Bytes;

    /// <summary>Reads 64 hex digits of either case from ASCII bytes.</summary>
    public static bool TryFromHex(ReadOnlySpan<byte> text, Span<byte> key) =>
        text.Length == HexCharacters && Convert.FromHexString(text, key, out _, out var written) == OperationStatus.Done && written == Bytes;

    /// <summary>Whether all bytes are zero, which WireGuard takes as 'no key'. Looks at every byte whatever they hold.</summary>
    public static bool IsZero(ReadOnlySpan<byte> key)
    {
        var any = 0UL;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(key))
        {
            any |= word;
        }

        foreach (var rest in key[(key.Length / sizeof(ulong) * sizeof(ulong))..])
        {
            any |= rest;
        }

        return any == 0;
    }
}
