namespace Elysium.Contracts;

/// <summary>Names of networks, peers and tags: one DNS label (RFC 1123 §2.1), lower case.</summary>
public static class DnsLabel
{
    /// <summary>The longest label, in characters.</summary>
    public const int MaxLength = 63;

    /// <summary>What a label may look like, for messages.</summary>
    public const string Rule = "1 to 63 of a-z, 0-9 and '-', starting and ending with a letter or a digit";

    /// <summary>Whether the text is a label as it stands; upper case is not.</summary>
    public static bool IsValid(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaxLength || text[0] == '-' || text[^1] == '-')
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-')
            {
                return false;
            }
        }

        return true;
    }
}
