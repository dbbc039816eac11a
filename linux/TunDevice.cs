using System.Runtime.InteropServices;
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
    private const ulong FIONBIO = 0x5421;
    private const short IFF_TUN = 0x0001;
    private const short IFF_NO_PI = 0x1000;
    private const ushort IFF_TUN_EXCL = 0x8000;

    // struct ifreq: the name, then a union of which we use the flags.
    private const int RequestLength = 40;
    private const int FlagsOffset = 16;

    // Readable from the moment of disposal, and never emptied: it wakes every reader.
    private readonly SafeFileHandle _end;
    private int _disposed;

    private TunDevice(string name, SafeFileHandle handle, SafeFileHandle end)
    {
        Name = name;
        Handle = handle;
        _end = end;
    }

    /// <summary>The link's name when it was opened.</summary>
    public string Name { get; }

    /// <summary>
    /// For those who wait or read in ways of their own: it does not block (O_NONBLOCK), and .NET's own file calls do not take it, because it
    /// cannot be sought in.
    /// </summary>
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
    public static TunDevice Open(string name)
    {
        var handle = Attach(name, 0);
        try
        {
            Libc.Checked(() => Libc.ioctl(handle, FIONBIO, [1, 0, 0, 0]), $"setting up the TUN device {name}");
            var end = Libc.Checked(() => Libc.eventfd(0, Libc.EFD_CLOEXEC), $"setting up the TUN device {name}");
            return new TunDevice(name, handle, new SafeFileHandle(end, ownsHandle: true));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Waits for the next packet that was sent into the link, also while the link is down.</summary>
    /// <param name="packet">Takes it; what does not fit is cut off.</param>
    /// <returns>How many bytes it has.</returns>
    /// <exception cref="IOException">The link is gone: it was deleted (EBADFD).</exception>
    /// <exception cref="ObjectDisposedException">This was disposed of, before or meanwhile.</exception>
    public unsafe int Read(Span<byte> packet)
    {
        fixed (byte* bytes = packet)
        {
            var (start, length) = ((nint)bytes, packet.Length);
            return (int)Transfer(() => Libc.read(Handle, start, length), Libc.POLLIN, "reading from");
        }
    }

    /// <summary>Lets a packet come out of the link, as if it had been received.</summary>
    /// <exception cref="IOException">The link is down (EIO) or gone (EBADFD), or it is no IP packet (EINVAL).</exception>
    /// <exception cref="ObjectDisposedException">This was disposed of, before or meanwhile.</exception>
    public unsafe void Write(ReadOnlySpan<byte> packet)
    {
        fixed (byte* bytes = packet)
        {
            var (start, length) = ((nint)bytes, packet.Length);
            Transfer(() => Libc.write(Handle, start, length), Libc.POLLOUT, "writing to");
        }
    }

    /// <summary>Closes it as soon as nobody reads any more, and ends every reading.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        End();
        Handle.Dispose();
        _end.Dispose();
    }

    private unsafe void End()
    {
        var one = 1UL;
        var start = (nint)(&one);
        Libc.Checked(() => Libc.write(_end, start, sizeof(ulong)), $"closing {Name}");
    }

    private nint Transfer(Func<nint> call, short readiness, string doing)
    {
        while (true)
        {
            var result = call();
            if (result >= 0)
            {
                return result;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Errno.EINTR:
                    break;
                case Errno.EAGAIN:
                    WaitFor(readiness, $"{doing} {Name}");
                    break;
                case var error:
                    throw Libc.Failed(error, $"{doing} {Name}");
            }
        }
    }

    // Until the device is ready, or its link goes, which the next call will say; throws if this is disposed of.
    private void WaitFor(short readiness, string doing)
    {
        var (held, endHeld) = (false, false);
        try
        {
            // Their numbers must not become those of other files while poll(2) looks at them.
            Handle.DangerousAddRef(ref held);
            _end.DangerousAddRef(ref endHeld);
            var (device, end) = ((int)Handle.DangerousGetHandle(), (int)_end.DangerousGetHandle());
            Libc.Checked(() => Libc.poll([new(device, readiness), new(end, Libc.POLLIN)], 2, -1), doing);
        }
        finally
        {
            if (held)
            {
                Handle.DangerousRelease();
            }

            if (endHeld)
            {
                _end.DangerousRelease();
            }
        }

        ObjectDisposedException.ThrowIf(_disposed != 0, this);
    }

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
