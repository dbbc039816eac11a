using System.Runtime.InteropServices;

namespace Elysium.Linux;

/// <summary>Error numbers of Linux (asm-generic/errno.h; the same on x86-64 and arm64).</summary>
public static class Errno
{
    /// <summary>Operation not permitted.</summary>
    public const int EPERM = 1;

    /// <summary>No such file or directory; no such entry.</summary>
    public const int ENOENT = 2;

    /// <summary>No such process; for a route: not in the table.</summary>
    public const int ESRCH = 3;

    /// <summary>A signal came first.</summary>
    public const int EINTR = 4;

    /// <summary>Try again; for a socket with a time limit: it is over.</summary>
    public const int EAGAIN = 11;

    /// <summary>Permission denied.</summary>
    public const int EACCES = 13;

    /// <summary>In use.</summary>
    public const int EBUSY = 16;

    /// <summary>It exists already.</summary>
    public const int EEXIST = 17;

    /// <summary>No such device.</summary>
    public const int ENODEV = 19;

    /// <summary>Invalid argument.</summary>
    public const int EINVAL = 22;

    /// <summary>Read-only file system.</summary>
    public const int EROFS = 30;

    /// <summary>Not supported.</summary>
    public const int EOPNOTSUPP = 95;

    /// <summary>The address or port is in use.</summary>
    public const int EADDRINUSE = 98;

    /// <summary>Cannot assign the address; for a removal: it is not there.</summary>
    public const int EADDRNOTAVAIL = 99;

    /// <summary>The receive buffer overflowed: messages are lost.</summary>
    public const int ENOBUFS = 105;

    /// <summary>The number's name and the C library's words for it: <c>EEXIST: File exists</c>.</summary>
    public static string Describe(int errno) => $"{NameOf(errno)}: {Marshal.GetPInvokeErrorMessage(errno)}";

    private static string NameOf(int errno) => errno switch
    {
        EPERM => nameof(EPERM),
        ENOENT => nameof(ENOENT),
        ESRCH => nameof(ESRCH),
        EINTR => nameof(EINTR),
        EAGAIN => nameof(EAGAIN),
        EACCES => nameof(EACCES),
        EBUSY => nameof(EBUSY),
        EEXIST => nameof(EEXIST),
        ENODEV => nameof(ENODEV),
        EINVAL => nameof(EINVAL),
        EROFS => nameof(EROFS),
        EOPNOTSUPP => nameof(EOPNOTSUPP),
        EADDRINUSE => nameof(EADDRINUSE),
        EADDRNOTAVAIL => nameof(EADDRNOTAVAIL),
        ENOBUFS => nameof(ENOBUFS),
        _ => $"errno {errno}",
    };
}
