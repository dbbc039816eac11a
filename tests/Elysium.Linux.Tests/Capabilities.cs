using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Elysium.Linux.Tests;

/// <summary>Runs something as who may less: capabilities are a thread's own (capabilities(7)).</summary>
internal static class Capabilities
{
    private const uint Version3 = 0x20080522;
    private const int CAP_NET_ADMIN = 12;

    /// <summary>On a new thread in the caller's namespaces, which gives the capability up first.</summary>
    public static T WithoutNetAdmin<T>(Func<T> work)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                GiveUp(CAP_NET_ADMIN);
                result = work();
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }

    private static void GiveUp(int capability)
    {
        // Effective, permitted and inheritable, of the capabilities 0 to 31 and 32 to 63 (linux/capability.h).
        uint[] header = [Version3, 0];
        var sets = new uint[6];
        capget(header, sets).ShouldBe(0);
        sets[0] &= ~(1u << capability);
        sets[1] &= ~(1u << capability);
        capset(header, sets).ShouldBe(0);
    }

    [DllImport("libc")]
    private static extern int capget(uint[] header, [Out] uint[] sets);

    [DllImport("libc")]
    private static extern int capset(uint[] header, uint[] sets);
}
