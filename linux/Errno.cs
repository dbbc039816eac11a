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

    /// <summary>Input or output failed; for writing to a TUN device: its link is down.</summary>
    public const int EIO = 5;

    /// <summary>No such device or address.</summary>
    public const int ENXIO = 6;

    /// <summary>The list of arguments, or the request, is too long.</summary>
    public const int E2BIG = 7;

    /// <summary>Not an open file.</summary>
    public const int EBADF = 9;

    /// <summary>Try again; for a socket with a time limit: it is over.</summary>
    public const int EAGAIN = 11;

    /// <summary>Out of memory.</summary>
    public const int ENOMEM = 12;

    /// <summary>Permission denied.</summary>
    public const int EACCES = 13;

    /// <summary>A bad address.</summary>
    public const int EFAULT = 14;

    /// <summary>In use.</summary>
    public const int EBUSY = 16;

    /// <summary>It exists already.</summary>
    public const int EEXIST = 17;

    /// <summary>No such device.</summary>
    public const int ENODEV = 19;

    /// <summary>Not a directory.</summary>
    public const int ENOTDIR = 20;

    /// <summary>Invalid argument.</summary>
    public const int EINVAL = 22;

    /// <summary>Too many open files.</summary>
    public const int EMFILE = 24;

    /// <summary>No space, or a limit of the kernel is reached.</summary>
    public const int ENOSPC = 28;

    /// <summary>Read-only file system.</summary>
    public const int EROFS = 30;

    /// <summary>Out of range.</summary>
    public const int ERANGE = 34;

    /// <summary>The name is too long.</summary>
    public const int ENAMETOOLONG = 36;

    /// <summary>A loop.</summary>
    public const int ELOOP = 40;

    /// <summary>Protocol error.</summary>
    public const int EPROTO = 71;

    /// <summary>Too large for its type.</summary>
    public const int EOVERFLOW = 75;

    /// <summary>The file is in a bad state; for a TUN device: its link is gone.</summary>
    public const int EBADFD = 77;

    /// <summary>The call should be made anew; for nf_tables: the rules changed meanwhile.</summary>
    public const int ERESTART = 85;

    /// <summary>A destination is wanted.</summary>
    public const int EDESTADDRREQ = 89;

    /// <summary>The message is too long.</summary>
    public const int EMSGSIZE = 90;

    /// <summary>The protocol is not supported.</summary>
    public const int EPROTONOSUPPORT = 93;

    /// <summary>Not supported.</summary>
    public const int EOPNOTSUPP = 95;

    /// <summary>The address family is not supported.</summary>
    public const int EAFNOSUPPORT = 97;

    /// <summary>The address or port is in use.</summary>
    public const int EADDRINUSE = 98;

    /// <summary>Cannot assign the address; for a removal: it is not there.</summary>
    public const int EADDRNOTAVAIL = 99;

    /// <summary>The network, or the link, is down.</summary>
    public const int ENETDOWN = 100;

    /// <summary>No route there: a gateway is not on any link.</summary>
    public const int ENETUNREACH = 101;

    /// <summary>The receive buffer overflowed: messages are lost.</summary>
    public const int ENOBUFS = 105;

    /// <summary>Nobody listens.</summary>
    public const int ECONNREFUSED = 111;

    /// <summary>No route to the host.</summary>
    public const int EHOSTUNREACH = 113;

    /// <summary>The number's name and the C library's words for it: <c>EEXIST: File exists</c>.</summary>
    public static string Describe(int errno) => $"{NameOf(errno)}: {Marshal.GetPInvokeErrorMessage(errno)}";

    private static string NameOf(int errno) => errno switch
    {
        EPERM => nameof(EPERM),
        ENOENT => nameof(ENOENT),
        ESRCH => nameof(ESRCH),
        EINTR => nameof(EINTR),
        EIO => nameof(EIO),
        ENXIO => nameof(ENXIO),
        E2BIG => nameof(E2BIG),
        EBADF => nameof(EBADF),
        EAGAIN => nameof(EAGAIN),
        ENOMEM => nameof(ENOMEM),
        EACCES => nameof(EACCES),
        EFAULT => nameof(EFAULT),
        EBUSY => nameof(EBUSY),
        EEXIST => nameof(EEXIST),
        ENODEV => nameof(ENODEV),
        ENOTDIR => nameof(ENOTDIR),
        EINVAL => nameof(EINVAL),
        EMFILE => nameof(EMFILE),
        ENOSPC => nameof(ENOSPC),
        EROFS => nameof(EROFS),
        ERANGE => nameof(ERANGE),
        ENAMETOOLONG => nameof(ENAMETOOLONG),
        ELOOP => nameof(ELOOP),
        EPROTO => nameof(EPROTO),
        EOVERFLOW => nameof(EOVERFLOW),
        EBADFD => nameof(EBADFD),
        ERESTART => nameof(ERESTART),
        EDESTADDRREQ => nameof(EDESTADDRREQ),
        EMSGSIZE => nameof(EMSGSIZE),
        EPROTONOSUPPORT => nameof(EPROTONOSUPPORT),
        EOPNOTSUPP => nameof(EOPNOTSUPP),
        EAFNOSUPPORT => nameof(EAFNOSUPPORT),
        EADDRINUSE => nameof(EADDRINUSE),
        EADDRNOTAVAIL => nameof(EADDRNOTAVAIL),
        ENETDOWN => nameof(ENETDOWN),
        ENETUNREACH => nameof(ENETUNREACH),
        ENOBUFS => nameof(ENOBUFS),
        ECONNREFUSED => nameof(ECONNREFUSED),
        EHOSTUNREACH => nameof(EHOSTUNREACH),
        _ => $"errno {errno}",
    };
}
