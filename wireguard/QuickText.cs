namespace Elysium.WireGuard;

/// <summary>Characters of wg-quick files, and how a value that makes no sense is shown.</summary>
internal static class QuickText
{
    public const char Comment = '#';

    /// <summary>What bash calls [[:space:]] in its C locale, and wg's own reader too.</summary>
    public const string Space = " \t\n\v\f\r";

    private const int LongestShown = 40;

    // Half a key is a secret too. Addresses and names hardly have that many such characters in a row.
    private const int LongestRun = 19;

    /// <summary>The value in quotes, clipped; or only its length where it could be a key, whole or in part.</summary>
    public static string Show(ReadOnlySpan<char> value)
    {
        if (value.IsEmpty)
        {
            return "an empty value";
        }

        if (MayBeKey(value))
        {
            return $"a value of {value.Length} characters";
        }

        Span<char> shown = stackalloc char[Math.Min(value.Length, LongestShown)];
        for (var i = 0; i < shown.Length; i++)
        {
            shown[i] = value[i] is >= ' ' and <= '~' ? value[i] : '?';
        }

        return value.Length > LongestShown ? $"'{shown}…'" : $"'{shown}'";
    }

    private static bool MayBeKey(ReadOnlySpan<char> value)
    {
        var run = 0;
        foreach (var c in value)
        {
            run = char.IsAsciiLetterOrDigit(c) || c is '+' or '/' or '=' ? run + 1 : 0;
            if (run > LongestRun)
            {
                return true;
            }
        }

        return false;
    }
}
