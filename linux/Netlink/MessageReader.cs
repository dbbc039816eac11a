using System.Runtime.InteropServices;

namespace Elysium.Linux.Netlink;

/// <summary>
/// The messages of one datagram. Every length is checked against what was received: the kernel is trusted, memory is not. What does
/// not fit is an <see cref="InvalidDataException"/>.
/// </summary>
internal ref struct MessageReader(ReadOnlySpan<byte> datagram)
{
    private ReadOnlySpan<byte> _rest = datagram;

    public MessageHeader Header { get; private set; }

    public ReadOnlySpan<byte> Payload { get; private set; }

    public bool Read()
    {
        if (_rest.Length < Nl.HeaderLength)
        {
            return _rest.IsEmpty ? false : throw new InvalidDataException("a message is cut off in its header");
        }

        Header = MemoryMarshal.Read<MessageHeader>(_rest);
        if (Header.Length < Nl.HeaderLength || Header.Length > _rest.Length)
        {
            throw new InvalidDataException($"a message says that it has {Header.Length} bytes, and {_rest.Length} are left");
        }

        Payload = _rest[Nl.HeaderLength..Header.Length];
        _rest = _rest[Math.Min(Nl.Align(Header.Length), _rest.Length)..];
        return true;
    }
}
