namespace Elysium.Client.Join;

/// <summary>Names of interfaces.</summary>
internal static class InterfaceName
{
    /// <summary>Linux: IFNAMSIZ (net/if.h) less the final NUL.</summary>
    public const int MaxLength = 15;

    public const string Rule = "1 to 15 of a-z, A-Z, 0-9, '-', '_' and '.'";

    public static bool IsValid(string name) =>
        name.Length is > 0 and <= MaxLength
        && name is not "." and not ".." and not "all" and not "default"
        && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <summary>The first of wg0, wg1, … that nothing has.</summary>
    public static string NextFree(IReadOnlySet<string> taken)
    {
        for (var i = 0; ; i++)
        {
            var name = $"wg{i}";
            if (!taken.Contains(name))
            {
                return name;
            }
        }
    }
}
