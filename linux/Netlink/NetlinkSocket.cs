using System.Runtime.InteropServices;
using Elysium.Linux.Native;
using Microsoft.Win32.SafeHandles;

namespace Elysium.Linux.Netlink;

/// <summary>
/// One netlink socket: sends requests, waits for the answers, turns refusals into <see cref="NetlinkException"/>. Any thread may call;
/// one exchange is under way at a time. The kernel works inside the call, so a cancellation is seen between two parts of an answer.
/// </summary>
internal sealed class NetlinkSocket : IDisposable
{
    // The kernel sizes the parts of a dump by the buffer that we receive with, up to 32 KiB (af_netlink.c, netlink_dump); what is longer
    // grows the buffer up to the second number.
    private const int FirstReceiveBuffer = 64 * 1024;
    private const int LargestReceiveBuffer = 16 * 1024 * 1024;

    // A batch of thousands is acknowledged by as many messages before we read the first.
    private const int ReceiveQueue = 4 * 1024 * 1024;
    private const int Attempts = 50;
    private const int TimeLimitSeconds = 5;

    private readonly Lock _lock = new();
    private readonly SafeFileHandle _socket = new();
    private readonly uint _port;
    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(FirstReceiveBuffer);
    private uint _sequence;

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    public NetlinkSocket(int protocol)
    {
        const string Doing = "opening a netlink socket";
        _port = NetlinkHandle.Open(_socket, protocol, Doing);
        NetlinkHandle.SetBuffer(_socket, Libc.SO_RCVBUFFORCE, Libc.SO_RCVBUF, ReceiveQueue);

        // The kernel answers at once or not at all; a limit turns a bug of ours into an error instead of a hang.
        ReadOnlySpan<long> limit = [TimeLimitSeconds, 0];
        NetlinkHandle.Check(Libc.setsockopt(_socket, Libc.SOL_SOCKET, Libc.SO_RCVTIMEO, MemoryMarshal.AsBytes(limit), 2 * sizeof(long)), Doing);
    }

    /// <summary>Makes a record of one message of an answer; null leaves it out.</summary>
    public delegate T? Decoder<T>(ReadOnlySpan<byte> payload)
        where T : class;

    private enum Reading
    {
        Going,
        Done,

        /// <summary>The answer is not whole or not of one moment: ask again.</summary>
        Again,
    }

    /// <summary>Sends a request that is answered by yes or no.</summary>
    public void Execute(Span<byte> message, string doing)
    {
        lock (_lock)
        {
            var first = _sequence + 1;
            Stamp(message, Nl.NLM_F_REQUEST | Nl.NLM_F_ACK, doing);
            Send(message, doing);
            Await(message, first, 1, doing);
        }
    }

    /// <summary>
    /// Sends several requests as one datagram and waits for the answers to those that carry NLM_F_ACK. The first refusal is thrown with
    /// the request's number. nfnetlink then took none of a batch; rtnetlink and generic netlink took every other one.
    /// </summary>
    public void Execute(MessageBuffer batch, string doing)
    {
        lock (_lock)
        {
            var first = _sequence + 1;
            var awaited = Stamp(batch.Messages, Nl.NLM_F_REQUEST, doing);
            if (awaited == 0)
            {
                throw new ArgumentException("Nothing of the batch asks for an acknowledgement, so its fate could not be known.", nameof(batch));
            }

            Send(batch.Messages, doing);
            Await(batch.Messages, first, awaited, doing);
        }
    }

    /// <summary>Sends a request that is answered by one record; null if the kernel says that there is none.</summary>
    /// <param name="message">The request.</param>
    /// <param name="decode">Makes the record.</param>
    /// <param name="doing">What the caller is doing.</param>
    /// <param name="absent">The error number by which the kernel says so.</param>
    public T? Find<T>(Span<byte> message, Decoder<T> decode, string doing, int absent = Errno.ENODEV)
        where T : class
    {
        var reader = new RecordReader<T>(decode);
        try
        {
            Read(message, Nl.NLM_F_REQUEST, ref reader, doing, CancellationToken.None);
        }
        catch (NetlinkException exception) when (exception.Errno == absent)
        {
            return null;
        }

        return reader.Records.Count > 0 ? reader.Records[0] : null;
    }

    /// <summary>Sends a request that is answered by any number of records, in any number of parts.</summary>
    public List<T> Dump<T>(Span<byte> message, Decoder<T> decode, string doing, CancellationToken cancellationToken = default)
        where T : class
    {
        var reader = new RecordReader<T>(decode);
        Dump(message, ref reader, doing, cancellationToken);
        return reader.Records;
    }

    /// <summary>The same, message by message; restarted when something changed while the kernel listed it.</summary>
    public void Dump<TReader>(Span<byte> message, ref TReader reader, string doing, CancellationToken cancellationToken = default)
        where TReader : IDumpReader, allows ref struct =>
        Read(message, Nl.NLM_F_REQUEST | Nl.NLM_F_DUMP, ref reader, doing, cancellationToken);

    public void Dispose() => _socket.Dispose();

    private void Read<TReader>(Span<byte> message, int flags, ref TReader reader, string doing, CancellationToken cancellationToken)
        where TReader : IDumpReader, allows ref struct
    {
        lock (_lock)
        {
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                reader.Restart();
                Stamp(message, flags, doing);
                Send(message, doing);
                var whole = false;
                try
                {
                    Reading reading;
                    var interrupted = false;
                    do
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        reading = ReadPart(message, ref reader, ref interrupted, doing);
                    }
                    while (reading == Reading.Going);
                    whole = reading == Reading.Done;
                    if (whole && !interrupted)
                    {
                        return;
                    }
                }
                catch (InvalidDataException exception)
                {
                    throw new NetlinkException(doing, 0, exception.Message);
                }
                finally
                {
                    if (!whole)
                    {
                        Drain();
                    }
                }
            }

            throw new NetlinkException(doing, Errno.EAGAIN, $"what was read changed during each of {Attempts} attempts");
        }
    }

    private Reading ReadPart<TReader>(ReadOnlySpan<byte> request, ref TReader reader, ref bool interrupted, string doing)
        where TReader : IDumpReader, allows ref struct
    {
        if (!TryReceive(out var messages, doing))
        {
            return Reading.Again;
        }

        while (messages.Read())
        {
            var header = messages.Header;
            if (header.Sequence != _sequence || header.PortId != _port)
            {
                continue;
            }

            interrupted |= (header.Flags & Nl.NLM_F_DUMP_INTR) != 0;
            switch (header.Type)
            {
                case Nl.NLMSG_NOOP:
                    break;

                // NLMSG_DONE carries an error too, when a dump failed on its way.
                case Nl.NLMSG_ERROR or Nl.NLMSG_DONE:
                    return Acknowledgement.Refusal(header, messages.Payload, request, doing) is { } refusal ? throw refusal : Reading.Done;
                default:
                    reader.Read(header.Type, messages.Payload);
                    if ((header.Flags & Nl.NLM_F_MULTI) == 0)
                    {
                        return Reading.Done;
                    }

                    break;
            }
        }

        return Reading.Going;
    }

    private void Await(ReadOnlySpan<byte> requests, uint first, int awaited, string doing)
    {
        try
        {
            while (awaited > 0)
            {
                if (!TryReceive(out var messages, doing))
                {
                    throw new NetlinkException(doing, Errno.ENOBUFS, "an answer was lost, so whether it was done is not known");
                }

                while (messages.Read())
                {
                    // What is left of an earlier exchange that ended with an error carries an earlier number.
                    var header = messages.Header;
                    var index = header.Sequence - first;
                    if (header.Type != Nl.NLMSG_ERROR || header.PortId != _port || index > _sequence - first)
                    {
                        continue;
                    }

                    if (Acknowledgement.Refusal(header, messages.Payload, requests[OffsetOf(requests, index, messages.Payload)..], doing) is { } refusal)
                    {
                        throw new NetlinkException(refusal, (int)index);
                    }

                    awaited--;
                }
            }
        }
        catch (InvalidDataException exception)
        {
            throw new NetlinkException(doing, 0, exception.Message);
        }
    }

    private static int OffsetOf(ReadOnlySpan<byte> requests, uint index, ReadOnlySpan<byte> answer)
    {
        // Only a refusal is explained by its request; walking to it for every yes would be quadratic.
        if (MemoryMarshal.TryRead<int>(answer, out var error) && error == 0)
        {
            return 0;
        }

        var at = 0;
        for (; index > 0; index--)
        {
            at += Nl.Align(MemoryMarshal.Read<MessageHeader>(requests[at..]).Length);
        }

        return at;
    }

    /// <summary>Gives each message its number and the flags; how many ask for an acknowledgement.</summary>
    private int Stamp(Span<byte> messages, int flags, string doing)
    {
        var awaited = 0;
        for (var at = 0; at < messages.Length;)
        {
            var header = MemoryMarshal.Read<MessageHeader>(messages[at..]);
            if (header.Length < Nl.HeaderLength)
            {
                throw new InvalidOperationException($"A message was not finished while {doing}.");
            }

            header = header with { Flags = (ushort)(header.Flags | flags), Sequence = ++_sequence };
            awaited += (header.Flags & Nl.NLM_F_ACK) != 0 ? 1 : 0;
            MemoryMarshal.Write(messages[at..], header);
            at += Nl.Align(header.Length);
        }

        return awaited;
    }

    private void Send(ReadOnlySpan<byte> messages, string doing)
    {
        var grown = false;
        while (Libc.send(_socket, messages, messages.Length, 0) < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == Errno.EMSGSIZE && !grown)
            {
                // Longer than the send buffer (af_netlink.c, netlink_sendmsg).
                NetlinkHandle.SetBuffer(_socket, Libc.SO_SNDBUFFORCE, Libc.SO_SNDBUF, messages.Length + 4096);
                grown = true;
            }
            else if (error != Errno.EINTR)
            {
                throw new NetlinkException(doing, error);
            }
        }
    }

    /// <summary>One datagram; false if the kernel had to drop some or it was longer than the buffer, which then has grown.</summary>
    private bool TryReceive(out MessageReader messages, string doing)
    {
        messages = default;
        Span<byte> sender = stackalloc byte[NetlinkHandle.AddressLength];
        while (true)
        {
            var length = sender.Length;
            var received = Libc.recvfrom(_socket, _buffer, _buffer.Length, Libc.MSG_TRUNC, sender, ref length);
            if (received < 0)
            {
                switch (Marshal.GetLastPInvokeError())
                {
                    case Errno.EINTR:
                        continue;
                    case Errno.ENOBUFS:
                        return false;
                    case var error:
                        throw new NetlinkException(doing, error, error == Errno.EAGAIN ? $"no answer within {TimeLimitSeconds} s" : null);
                }
            }

            // Any root process may send to our port; only port 0 is the kernel.
            if (MemoryMarshal.Read<uint>(sender[NetlinkHandle.PortOffset..]) != 0)
            {
                continue;
            }

            if (received > _buffer.Length)
            {
                _buffer = received <= LargestReceiveBuffer
                    ? GC.AllocateUninitializedArray<byte>(Math.Max((int)received, 2 * _buffer.Length))
                    : throw new NetlinkException(doing, 0, $"a datagram has {received} bytes");
                return false;
            }

            messages = new MessageReader(_buffer.AsSpan(0, (int)received));
            return true;
        }
    }

    // A dump that nobody reads to its end keeps the socket from starting another (EBUSY). The kernel makes each part when the one before
    // is taken, so once nothing is there nothing will come.
    private void Drain()
    {
        int error;
        do
        {
            error = Libc.recv(_socket, _buffer, _buffer.Length, Libc.MSG_DONTWAIT) < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
        while (error is 0 or Errno.EINTR or Errno.ENOBUFS);
    }
}
