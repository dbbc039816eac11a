using System.Runtime.InteropServices;
using Elysium.Linux.Native;

namespace Elysium.Linux.Netlink;

/// <summary>Opens netlink sockets in the calling thread's network namespace; they stay there.</summary>
internal static class NetlinkHandle
{
    /// <summary>Bytes of struct sockaddr_nl: family, padding, port, groups.</summary>
    public const int AddressLength = 12;

    /// <summary>Where the port stands in it.</summary>
    public const int PortOffset = 4;

    /// <summary>Opens and binds one, and switches on all that the kernel knows of strictness and explanations.</summary>
    /// <param name="handle">Takes the descriptor.</param>
    /// <param name="protocol">NETLINK_ROUTE and companions.</param>
    /// <param name="doing">What the caller is doing.</param>
    /// <returns>The port that the kernel chose: answers to us carry it.</returns>
    public static uint Open(SafeHandle handle, int protocol, string doing)
    {
        Marshal.InitHandle(handle, Libc.Checked(() => Libc.socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, protocol), doing));

        // Zero for the port: the kernel picks one, so that several sockets of one process do not meet.
        Span<byte> address = stackalloc byte[AddressLength];
        address.Clear();
        MemoryMarshal.Write(address, (ushort)Libc.AF_NETLINK);
        Check(Libc.bind(handle, address, address.Length), doing);
        var length = address.Length;
        Check(Libc.getsockname(handle, address, ref length), doing);

        // A kernel that does not know one (before 4.12, 4.20) works without it: it only says and checks less.
        _ = TrySet(handle, Libc.SOL_NETLINK, Nl.NETLINK_EXT_ACK, 1);
        _ = TrySet(handle, Libc.SOL_NETLINK, Nl.NETLINK_CAP_ACK, 1);
        _ = TrySet(handle, Libc.SOL_NETLINK, Nl.NETLINK_GET_STRICT_CHK, 1);
        return MemoryMarshal.Read<uint>(address[PortOffset..]);
    }

    /// <summary>Sets a number; false if the kernel does not want it.</summary>
    public static bool TrySet(SafeHandle handle, int level, int option, int value)
    {
        ReadOnlySpan<int> values = [value];
        return Libc.setsockopt(handle, level, option, MemoryMarshal.AsBytes(values), sizeof(int)) == 0;
    }

    /// <summary>A buffer of the socket, beyond the system's limit where we have the right to that (socket(7)).</summary>
    public static void SetBuffer(SafeHandle handle, int forced, int modest, int size)
    {
        if (!TrySet(handle, Libc.SOL_SOCKET, forced, size))
        {
            _ = TrySet(handle, Libc.SOL_SOCKET, modest, size);
        }
    }

    public static void Check(int result, string doing)
    {
        if (result < 0)
        {
            throw Libc.Failed(Marshal.GetLastPInvokeError(), doing);
        }
    }
}
