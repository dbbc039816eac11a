using System.Security.Cryptography;

namespace Elysium.WireGuard;

/// <summary>
/// Hash codes of what strangers choose. Sums of products with secrets of this process (NMH, Wegman and Carter): nobody can make many
/// keys that fall together, as they could if some of the bytes were the hash.
/// </summary>
internal static class KeyedHash
{
    private static readonly ulong A = Secret();
    private static readonly ulong B = Secret();
    private static readonly ulong C = Secret();
    private static readonly ulong D = Secret();

    public static int Of(ulong first, ulong second, ulong third, ulong fourth)
    {
        var hash = Product(first + A, second + B) + Product(third + C, fourth + D);
        return (int)(hash ^ (hash >> 32));
    }

    private static ulong Product(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out ulong low);
        return high ^ low;
    }

    private static ulong Secret()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToUInt64(bytes);
    }
}
