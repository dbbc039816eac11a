namespace Elysium.Linux;

/// <summary>Names of interfaces: a file name too (the engine's socket), so the rule is narrower than the kernel's.</summary>
public static class InterfaceName
{
    /// <summary>The longest name, in bytes (IFNAMSIZ - 1).</summary>
    public const int MaxLength = 15;

    /// <summary>Whether it is 1 to 15 of <c>a-z A-Z 0-9 _ = + . -</c> (wg-quick's rule), and neither <c>.</c> nor <c>..</c>.</summary>
    public static bool IsValid(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > MaxLength || name is "." or "..")
        {
            return false;
        }

        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !"_=+.-".Contains(c))
            {
                return false;
            }
        }

        return true;
    }

    internal static void ThrowIfInvalid(string name)
    {
        if (!IsValid(name))
        {
            throw new ArgumentException($"'{name}' cannot name an interface: 1 to {MaxLength} of a-z, A-Z, 0-9, '_', '=', '+', '.' and '-'.", nameof(name));
        }
    }
}
