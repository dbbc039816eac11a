using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Elysium.Linux.Native;

/// <summary>The calls of the C library that .NET has no face for. Numbers are those of Linux on x86-64 and arm64.</summary>
internal static partial class Libc
{
    public const int CLONE_FS = 0x200;
    public const int CLONE_NEWNS = 0x20000;
    public const int CLONE_NEWNET = 0x40000000;

    public const ulong MS_BIND = 0x1000;
    public const ulong MS_REC = 0x4000;
    public const ulong MS_PRIVATE = 0x40000;
    public const ulong MS_SHARED = 0x100000;
    public const int MNT_DETACH = 2;

    public const int AF_NETLINK = 16;
    public const int SOCK_RAW = 3;
    public const int SOCK_CLOEXEC = 0x80000;
    public const int SOL_SOCKET = 1;
    public const int SO_SNDBUF = 7;
    public const int SO_RCVBUF = 8;
    public const int SO_RCVTIMEO = 20;
    public const int SO_SNDBUFFORCE = 32;
    public const int SO_RCVBUFFORCE = 33;
    public const int SOL_NETLINK = 270;
    public const int MSG_TRUNC = 0x20;
    public const int MSG_DONTWAIT = 0x40;

    public const int O_CLOEXEC = 0x80000;
    public const int EFD_CLOEXEC = 0x80000;
    public const short POLLIN = 0x1;
    public const short POLLOUT = 0x4;

    public const int WNOHANG = 1;
    public const int SIGTERM = 15;

    /// <summary>Calls until no signal interrupts; throws the error of what remains.</summary>
    public static nint Checked(Func<nint> call, string doing)
    {
        nint result;
        int error;
        do
        {
            result = call();
            error = Marshal.GetLastPInvokeError();
        }
        while (result < 0 && error == Errno.EINTR);

        return result >= 0 ? result : throw Failed(error, doing);
    }

    /// <summary>An error of the system in words.</summary>
    public static IOException Failed(int errno, string doing) => new($"Failed while {doing}: {Errno.Describe(errno)}.", errno);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int unshare(int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setns(SafeFileHandle fd, int type);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mount(string source, string target, string? type, ulong flags, string? data);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int umount2(string target, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int bind(SafeHandle fd, ReadOnlySpan<byte> address, int length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getsockname(SafeHandle fd, Span<byte> address, ref int length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsockopt(SafeHandle fd, int level, int option, ReadOnlySpan<byte> value, int length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint send(SafeHandle fd, ReadOnlySpan<byte> data, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recv(SafeHandle fd, Span<byte> data, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recvfrom(SafeHandle fd, Span<byte> data, nint length, int flags, Span<byte> address, ref int addressLength);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint read(SafeHandle fd, nint data, nint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(SafeHandle fd, nint data, nint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int eventfd(uint value, int flags);

    /// <summary>Waits until one of them is ready; without end where the limit (ms) is below 0.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(Span<PollEntry> entries, ulong count, int limit);

    // ioctl takes any number of arguments; on x86-64 and arm64 Linux a pointer or a number is passed like any other.
    [LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(SafeHandle fd, ulong request, Span<byte> argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(SafeHandle fd, ulong request, nint argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int waitpid(int pid, out int status, int options);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int pid, int signal);

    // posix_spawn and its companions return the error number and leave errno alone.
    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_init(Span<byte> actions);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_destroy(Span<byte> actions);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int posix_spawn_file_actions_addopen(Span<byte> actions, int fd, string path, int flags, uint mode);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_adddup2(Span<byte> actions, int fd, int target);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int posix_spawn_file_actions_addchdir_np(Span<byte> actions, string path);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_init(Span<byte> attributes);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_destroy(Span<byte> attributes);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setflags(Span<byte> attributes, short flags);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigmask(Span<byte> attributes, ReadOnlySpan<byte> signals);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigdefault(Span<byte> attributes, ReadOnlySpan<byte> signals);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static unsafe partial int posix_spawn(out int pid, string path, Span<byte> actions, Span<byte> attributes, byte** arguments, byte** environment);

    /// <summary>struct pollfd of poll(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public readonly record struct PollEntry(int Descriptor, short Events, short Happened = 0);
}
