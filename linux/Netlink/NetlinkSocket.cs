using System.Runtime.InteropServices;
using Elysium.Linux.Native;
using Microsoft.Win32.SafeHandles;

namespace Elysium.Linux.Netlink;

/// <summary>
/// One netlink socket: sends a request, waits for its answer, turns refusals into <see cref="NetlinkException"/>. Any thread may call;
/// one request is under way at a time.
/// </summary>
internal sealed class NetlinkSocket : IDisposable
{
    // The kernel sizes the parts of a dump by the buffer that we receive with, up to 32 KiB (af_netlink.c, netlink_dump).
    private const int ReceiveBuffer = 64 * 1024;
    private const int DumpAttempts = 20;
    private const int TimeLimitSeconds = 5;

    private readonly Lock _lock = new();
    private readonly SafeFileHandle _socket;
    private readonly byte[] _buffer = new byte[ReceiveBuffer];
    private uint _sequence;

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    public NetlinkSocket(int protocol)
    {
        const string Doing = "opening a netlink socket";
        _socket = new SafeFileHandle((nint)Libc.Checked(() => Libc.socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, protocol), Doing), true);

        // Zero for the port: the kernel picks one, so that several sockets of one process do not meet.
        Span<byte> address = stackalloc byte[12];
        address.Clear();
        MemoryMarshal.Write(address, (ushort)Libc.AF_NETLINK);
        if (Libc.bind(_socket, address, address.Length) < 0)
        {
            throw Libc.Failed(Marshal.GetLastPInvokeError(), Doing);
        }

        SetOption(Nl.NETLINK_EXT_ACK);
        SetOption(Nl.NETLINK_CAP_ACK);
        SetOption(Nl.NETLINK_GET_STRICT_CHK);

        // The kernel answers at once or not at all; a limit turns a bug of ours into an error instead of a hang.
        ReadOnlySpan<long> limit = [TimeLimitSeconds, 0];
        if (Libc.setsockopt(_socket, Libc.SOL_SOCKET, Libc.SO_RCVTIMEO, MemoryMarshal.AsBytes(limit), 2 * sizeof(long)) < 0)
        {
            throw Libc.Failed(Marshal.GetLastPInvokeError(), Doing);
        }
    }

    /// <summary>Makes a record of one message of a dump; null leaves it out.</summary>
    public delegate T? Decoder<T>(ReadOnlySpan<byte> payload)
        where T : class;

    /// <summary>Sends a request that is answered by yes or no.</summary>
    public void Execute(Span<byte> message, string doing)
    {
        lock (_lock)
        {
            Send(message, Nl.NLM_F_REQUEST | Nl.NLM_F_ACK, doing);
            var done = false;
            while (!done)
            {
                var messages = Receive(doing);
                while (Next(ref messages, doing))
                {
                    done |= IsMine(messages.Header) && messages.Header.Type == Nl.NLMSG_ERROR;
                }
            }
        }
    }

    /// <summary>Sends a request that is answered by one record; null if the kernel says that there is none (ENODEV).</summary>
    public T? Find<T>(Span<byte> message, Decoder<T> decode, string doing)
        where T : class
    {
        lock (_lock)
        {
            Send(message, Nl.NLM_F_REQUEST, doing);
            try
            {
                while (true)
                {
                    var messages = Receive(doing);
                    while (Next(ref messages, doing))
                    {
                        if (IsMine(messages.Header) && messages.Header.Type > Nl.NLMSG_DONE)
                        {
                            return decode(messages.Payload);
                        }
                    }
                }
            }
            catch (NetlinkException exception) when (exception.Errno == Errno.ENODEV)
            {
                return null;
            }
            catch (InvalidDataException exception)
            {
                throw new NetlinkException(doing, 0, exception.Message);
            }
        }
    }

    /// <summary>Sends a request that is answered by any number of records, in any number of parts.</summary>
    public List<T> Dump<T>(Span<byte> message, Decoder<T> decode, string doing)
        where T : class
    {
        lock (_lock)
        {
            for (var attempt = 0; attempt < DumpAttempts; attempt++)
            {
                if (TryDump(message, decode, doing) is { } records)
                {
                    return records;
                }
            }

            throw new NetlinkException(doing, Errno.EAGAIN, $"what was listed changed during each of {DumpAttempts} attempts");
        }
    }

    public void Dispose() => _socket.Dispose();

    // Null: something changed while the kernel listed it, so the list may lack or repeat entries.
    private List<T>? TryDump<T>(Span<byte> message, Decoder<T> decode, string doing)
        where T : class
    {
        Send(message, Nl.NLM_F_REQUEST | Nl.NLM_F_DUMP, doing);
        var records = new List<T>();
        var interrupted = false;
        try
        {
            while (true)
            {
                var messages = Receive(doing);
                while (Next(ref messages, doing))
                {
                    if (!IsMine(messages.Header))
                    {
                        continue;
                    }

                    interrupted |= (messages.Header.Flags & Nl.NLM_F_DUMP_INTR) != 0;
                    if (messages.Header.Type == Nl.NLMSG_DONE)
                    {
                        return interrupted ? null : records;
                    }

                    if (decode(messages.Payload) is { } record)
                    {
                        records.Add(record);
                    }
                }
            }
        }
        catch (InvalidDataException exception)
        {
            throw new NetlinkException(doing, 0, exception.Message);
        }
    }

    private void SetOption(int option)
    {
        ReadOnlySpan<int> on = [1];

        // A kernel that does not know an option (before 4.12, 4.20) works without it: it only says and checks less.
        _ = Libc.setsockopt(_socket, Libc.SOL_NETLINK, option, MemoryMarshal.AsBytes(on), sizeof(int));
    }

    private void Send(Span<byte> message, int flags, string doing)
    {
        _sequence++;
        var header = MemoryMarshal.Read<MessageHeader>(message);
        MemoryMarshal.Write(message, header with { Flags = (ushort)(header.Flags | flags), Sequence = _sequence });
        if (Libc.send(_socket, message, message.Length, 0) != message.Length)
        {
            throw new NetlinkException(doing, Marshal.GetLastPInvokeError());
        }
    }

    private MessageReader Receive(string doing)
    {
        while (true)
        {
            var received = Libc.recv(_socket, _buffer, _buffer.Length, Libc.MSG_TRUNC);
            if (received > _buffer.Length)
            {
                throw new NetlinkException(doing, 0, $"a datagram of {received} bytes is longer than the buffer of {_buffer.Length}");
            }

            if (received >= 0)
            {
                return new MessageReader(_buffer.AsSpan(0, (int)received));
            }

            var error = Marshal.GetLastPInvokeError();
            if (error != Errno.EINTR)
            {
                throw new NetlinkException(doing, error, error == Errno.EAGAIN ? $"no answer within {TimeLimitSeconds} s" : null);
            }
        }
    }

    /// <summary>The next message; throws if it is the refusal of our request.</summary>
    private bool Next(ref MessageReader messages, string doing)
    {
        try
        {
            if (!messages.Read())
            {
                return false;
            }

            // NLMSG_DONE carries an error too, when a dump failed on its way.
            if (IsMine(messages.Header) && messages.Header.Type is Nl.NLMSG_ERROR or Nl.NLMSG_DONE && messages.Payload.Length >= sizeof(int))
            {
                var error = MemoryMarshal.Read<int>(messages.Payload);
                return error >= 0 ? true : throw new NetlinkException(doing, -error, KernelMessage(messages.Header, messages.Payload));
            }

            return true;
        }
        catch (InvalidDataException exception)
        {
            throw new NetlinkException(doing, 0, exception.Message);
        }
    }

    // What is left of an earlier exchange that ended with an error carries an earlier number.
    private bool IsMine(MessageHeader header) => header.Sequence == _sequence;

    private static string? KernelMessage(MessageHeader header, ReadOnlySpan<byte> payload)
    {
        if ((header.Flags & Nl.NLM_F_ACK_TLVS) == 0)
        {
            return null;
        }

        // The error is followed by our request's header (all of the request unless capped), then by the attributes.
        var skip = sizeof(int);
        if (header.Type == Nl.NLMSG_ERROR)
        {
            skip += (header.Flags & Nl.NLM_F_CAPPED) != 0 || payload.Length < sizeof(int) + Nl.HeaderLength
                ? Nl.HeaderLength
                : Nl.Align(MemoryMarshal.Read<MessageHeader>(payload[sizeof(int)..]).Length);
        }

        if (skip > payload.Length || skip < 0)
        {
            return null;
        }

        var attributes = new AttributeReader(payload[skip..]);
        while (attributes.Read())
        {
            if (attributes.Type == Nl.NLMSGERR_ATTR_MSG)
            {
                return attributes.AsString;
            }
        }

        return null;
    }
}
