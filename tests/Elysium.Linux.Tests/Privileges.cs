using System.Runtime.InteropServices;

namespace Elysium.Linux.Tests;

/// <summary>Takes rights from the calling thread, for good: only on a thread of the test's own.</summary>
internal static partial class Privileges
{
    private const uint Version3 = 0x20080522;
    private const int NetworkAdministration = 12;

    /// <summary>Takes CAP_NET_ADMIN away (capset(2), which is of one thread).</summary>
    public static void DropNetworkAdministration()
    {
        ReadOnlySpan<uint> header = [Version3, 0];
        Span<uint> sets = stackalloc uint[6];
        capget(header, sets).ShouldBe(0);
        sets[0] &= ~(1u << NetworkAdministration);
        sets[1] &= ~(1u << NetworkAdministration);
        capset(header, sets).ShouldBe(0);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int capget(ReadOnlySpan<uint> header, Span<uint> sets);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int capset(ReadOnlySpan<uint> header, ReadOnlySpan<uint> sets);
}
