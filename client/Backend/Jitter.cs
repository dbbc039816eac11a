using System.Security.Cryptography;

namespace Elysium.Client.Backend;

internal static class Jitter
{
    private const int Steps = 1 << 24;

    /// <summary>A number of [0, 1).</summary>
    public static double Next() => RandomNumberGenerator.GetInt32(Steps) / (double)Steps;
}
