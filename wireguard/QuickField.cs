using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Elysium.WireGuard;

/// <summary>What the fields of both sections have in common.</summary>
internal static class QuickField
{
    public const string KeyForm = "a key is 32 bytes in base64, 44 characters";

    public delegate bool KeyParser<TKey>(ReadOnlySpan<char> base64, [NotNullWhen(true)] out TKey? key)
        where TKey : class;

    // All zero is 'none' for wg; our key types have no such key.
    public static bool TryKey<TKey>(ReadOnlySpan<char> value, out bool isZero, out TKey? key, KeyParser<TKey> parse)
        where TKey : class
    {
        isZero = value.Length == KeyText.Base64Characters && value[^1] == '=' && !value[..^1].ContainsAnyExcept('A');
        return parse(value, out key) || isZero;
    }

    // Somebody may have pasted a key there: only what looks like a word is shown.
    public static string Unknown(ReadOnlySpan<char> key, string section, string known) =>
        $"{(key.Length <= 19 ? QuickText.Show(key) : "This")} is no key of {section}; known are {known}.";

    public static ReadOnlySpan<char> Lower(ReadOnlySpan<char> key, Span<char> lower) =>
        key.Length <= lower.Length && Ascii.ToLower(key, lower, out var written) == OperationStatus.Done ? lower[..written] : [];
}
