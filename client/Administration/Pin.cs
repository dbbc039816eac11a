namespace Elysium.Client.Administration;

/// <summary>The SHA-256 of a root certificate's SubjectPublicKeyInfo, as people copy it.</summary>
internal static class Pin
{
    public const string Rule = "64 hex digits, the SHA-256 of the root certificate's SubjectPublicKeyInfo";

    private const int Length = 32;

    public static bool TryParse(string text, out byte[] pin)
    {
        pin = [];
        if (text.Length != 2 * Length || !text.All(char.IsAsciiHexDigit))
        {
            return false;
        }

        pin = Convert.FromHexString(text);
        return true;
    }
}
