using System.Text;

namespace Elysium.Client.Output;

/// <summary>Takes join codes and tokens out of a text that repeats what somebody typed: it ends in logs of containers and CI.</summary>
internal static class Redaction
{
    private const string ApiTokenPrefix = "elya_";
    private static readonly string[] Prefixes = [JoinCode.Prefix, JoinCode.SecretPrefix, ApiTokenPrefix];

    public static string Of(string text)
    {
        var clean = new StringBuilder();
        for (var i = 0; i < text.Length;)
        {
            if (Prefixes.FirstOrDefault(p => string.CompareOrdinal(text, i, p, 0, p.Length) == 0) is { } prefix)
            {
                clean.Append(prefix).Append('…');
                for (i += prefix.Length; i < text.Length && (char.IsAsciiLetterOrDigit(text[i]) || text[i] is '-' or '_'); i++)
                {
                }
            }
            else
            {
                clean.Append(text[i++]);
            }
        }

        return clean.ToString();
    }
}
