using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Elysium.Linux.Native;
using Elysium.Linux.Netlink;

namespace Elysium.Linux;

/// <summary>
/// Tells of every change of links, addresses, routes and rules in one network namespace, as the kernel multicasts them (rtnetlink(7)). It
/// listens from the moment it is opened, in the namespace of the thread that opened it, and stays there; open it <em>before</em> reading
/// the state that the changes are to be applied to. Needs no privilege and no thread: it waits on the runtime's own epoll.
/// </summary>
public sealed class NetlinkMonitor : IDisposable
{
    private const string Doing = "listening for changes of the network";

    // A change has some hundred bytes to 2 KiB; the kernel never sends more than 32 KiB. What is longer is reported as lost.
    private const int BufferSize = 64 * 1024;

    // A flapping route table must not overflow it at once: some thousands of changes.
    private const int ReceiveQueue = 4 * 1024 * 1024;

    private readonly SafeSocketHandle _handle = new();
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[BufferSize];
    private volatile bool _disposed;

    private NetlinkMonitor(NetworkChangeKinds kinds, int receiveQueue)
    {
        try
        {
            NetlinkHandle.Open(_handle, Nl.NETLINK_ROUTE, Doing);
            NetlinkHandle.SetBuffer(_handle, Libc.SO_RCVBUFFORCE, Libc.SO_RCVBUF, receiveQueue);
            foreach (var group in ChangeMessages.GroupsOf(kinds))
            {
                if (!NetlinkHandle.TrySet(_handle, Libc.SOL_NETLINK, Nl.NETLINK_ADD_MEMBERSHIP, group))
                {
                    throw Libc.Failed(Marshal.GetLastPInvokeError(), Doing);
                }
            }

            _socket = new Socket(_handle);
        }
        catch
        {
            _handle.Dispose();
            throw;
        }
    }

    /// <summary>Starts to listen in the calling thread's network namespace.</summary>
    /// <param name="kinds">What to be told of.</param>
    /// <exception cref="IOException">The system gives no socket.</exception>
    public static NetlinkMonitor Open(NetworkChangeKinds kinds = NetworkChangeKinds.All) => new(kinds, ReceiveQueue);

    internal static NetlinkMonitor Open(NetworkChangeKinds kinds, int receiveQueue) => new(kinds, receiveQueue);

    /// <summary>
    /// The changes since it was opened, or since the last reading stopped; ends when the monitor is disposed of, by whichever thread. One
    /// reader at a time. After <see cref="NetworkChange.Lost"/> the state must be read anew; every change of after that moment will still be
    /// told.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was cancelled; nothing that was not yet given is lost by that.</exception>
    public async IAsyncEnumerable<NetworkChange> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var changes = new Queue<NetworkChange>();
        while (await WaitAsync(cancellationToken).ConfigureAwait(false) is { } lost)
        {
            Take(changes, lost);
            while (changes.TryDequeue(out var change))
            {
                yield return change;
            }
        }
    }

    /// <summary>Stops listening; a reading ends.</summary>
    public void Dispose()
    {
        _disposed = true;
        _socket.Dispose();
    }

    // Waits without taking anything, so that a cancellation takes nothing either. True: the kernel dropped some; null: disposed of.
    private async ValueTask<bool?> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _socket.ReceiveAsync(_buffer.AsMemory(0, 1), SocketFlags.Peek, cancellationToken).ConfigureAwait(false);
            return false;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.NoBufferSpaceAvailable)
        {
            return true;
        }
        catch (Exception exception) when (_disposed && exception is SocketException or ObjectDisposedException)
        {
            return null;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.MessageSize)
        {
            // The one byte that was looked at is not all of it.
            return false;
        }
    }

    // Takes one datagram; or, when the kernel dropped some, all that there are: until the queue is empty it goes on dropping and says so only
    // once (af_netlink.c, netlink_overrun), so only from then on is nothing missed.
    private void Take(Queue<NetworkChange> changes, bool lost)
    {
        Span<byte> sender = stackalloc byte[NetlinkHandle.AddressLength];
        do
        {
            var length = sender.Length;
            nint received;
            try
            {
                received = Libc.recvfrom(_handle, _buffer, _buffer.Length, Libc.MSG_TRUNC | Libc.MSG_DONTWAIT, sender, ref length);
            }
            catch (ObjectDisposedException)
            {
                // Since the waiting; the next one says so.
                return;
            }

            if (received < 0)
            {
                switch (Marshal.GetLastPInvokeError())
                {
                    case Errno.EINTR:
                        continue;
                    case Errno.ENOBUFS:
                        lost = true;
                        continue;
                    case Errno.EAGAIN:
                        if (lost)
                        {
                            changes.Enqueue(new NetworkChange.Lost());
                        }

                        return;
                    case var error:
                        throw new NetlinkException(Doing, error);
                }
            }

            // Any root process may send to a group; only port 0 is the kernel.
            if (lost || MemoryMarshal.Read<uint>(sender[NetlinkHandle.PortOffset..]) != 0)
            {
                continue;
            }

            lost = received > _buffer.Length || !TryDecode(_buffer.AsSpan(0, (int)received), changes);
        }
        while (lost);
    }

    private static bool TryDecode(ReadOnlySpan<byte> datagram, Queue<NetworkChange> changes)
    {
        try
        {
            var messages = new MessageReader(datagram);
            while (messages.Read())
            {
                if (ChangeMessages.Decode(messages.Header.Type, messages.Payload) is { } change)
                {
                    changes.Enqueue(change);
                }
            }

            return true;
        }
        catch (InvalidDataException)
        {
            // What cannot be understood may be anything: the same as lost.
            return false;
        }
    }
}
