using System.Text;
using Elysium.Linux.Native;
using Elysium.Linux.Netlink;
using Microsoft.Win32.SafeHandles;

namespace Elysium.Linux;

/// <summary>
/// A link whose packets a program reads and writes (Linux documentation, networking/tuntap). It is made in the calling thread's network
/// namespace. Packets are bare IP packets, one per read and write (IFF_NO_PI).
/// </summary>
public sealed class TunDevice : IDisposable
{
    private const string CloneDevice = "/dev/net/tun";
    private const ulong TUNSETIFF = 0x400454ca;
    private const ulong TUNSETPERSIST = 0x400454cb;
    private const short IFF_TUN = 0x0001;
    private const short IFF_NO_PI = 0x1000;
    private const ushort IFF_TUN_EXCL = 0x8000;

    // struct ifreq: the name, then a union of which we use the flags.
    private const int RequestLength = 40;
    private const int FlagsOffset = 16;

    private TunDevice(string name, SafeFileHandle handle)
    {
        Name = name;
        Handle = handle;
    }

    /// <summary>The link's name when it was opened.</summary>
    public string Name { get; }

    /// <summary>For those who wait or read in ways of their own; .NET's own file calls do not take it, because it cannot be sought in.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>
    /// Makes a link that stays until it is deleted (<see cref="RouteNetlink.DeleteLink"/>), as <c>ip tuntap add</c> does; it is down, and has no
    /// carrier until somebody opens it.
    /// </summary>
    /// <exception cref="IOException">The name is taken (EBUSY, or EINVAL if by another kind), or there is no right or no <c>/dev/net/tun</c>.</exception>
    public static void Create(string name)
    {
        using var handle = Attach(name, IFF_TUN_EXCL);
        Libc.Checked(() => Libc.ioctl(handle, TUNSETPERSIST, 1), $"keeping the TUN device {name}");
    }

    /// <summary>Opens a link that was made by <see cref="Create"/>, or makes one that goes when this is disposed of.</summary>
    /// <exception cref="IOException">It is open elsewhere (EBUSY), another kind of link (EINVAL), or there is no right or no <c>/dev/net/tun</c>.</exception>
    public static TunDevice Open(string name) => new(name, Attach(name, 0));

    /// <summary>Waits for the next packet that was sent into the link.</summary>
    /// <param name="packet">Takes it; what does not fit is cut off.</param>
    /// <returns>How many bytes it has.</returns>
    /// <exception cref="IOException">The link is down (EIO) or gone (EBADFD).</exception>
    public unsafe int Read(Span<byte> packet)
    {
        fixed (byte* bytes = packet)
        {
            var (start, length) = ((nint)bytes, packet.Length);
            return (int)Libc.Checked(() => Libc.read(Handle, start, length), $"reading from {Name}");
        }
    }

    /// <summary>Lets a packet come out of the link, as if it had been received.</summary>
    /// <exception cref="IOException">The link is down (EIO) or gone (EBADFD), or it is no IP packet (EINVAL).</exception>
    public unsafe void Write(ReadOnlySpan<byte> packet)
    {
        fixed (byte* bytes = packet)
        {
            var (start, length) = ((nint)bytes, packet.Length);
            Libc.Checked(() => Libc.write(Handle, start, length), $"writing to {Name}");
        }
    }

    /// <summary>Closes it.</summary>
    public void Dispose() => Handle.Dispose();

    private static SafeFileHandle Attach(string name, ushort flags)
    {
        var request = new byte[RequestLength];
        Encoding.UTF8.GetBytes(LinkMessages.Checked(name), request);
        BitConverter.TryWriteBytes(request.AsSpan(FlagsOffset), (ushort)((ushort)(IFF_TUN | IFF_NO_PI) | flags));
        var handle = File.OpenHandle(CloneDevice, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        try
        {
            Libc.Checked(() => Libc.ioctl(handle, TUNSETIFF, request), $"attaching to the TUN device {name}");
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }
}
