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

/// <summary>The attributes of a message behind its family's header, or of a nest.</summary>
internal ref struct AttributeReader(ReadOnlySpan<byte> attributes)
{
    private ReadOnlySpan<byte> _rest = attributes;

    public ushort Type { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    public readonly uint AsUInt32 => MemoryMarshal.Read<uint>(Sized(sizeof(uint)));

    public readonly int AsInt32 => (int)AsUInt32;

    /// <summary>A string, without its closing zero.</summary>
    public readonly string AsString => System.Text.Encoding.UTF8.GetString(Value.TrimEnd((byte)0));

    public readonly AttributeReader AsNest => new(Value);

    public bool Read()
    {
        if (_rest.Length < Nl.AttributeHeaderLength)
        {
            return false;
        }

        var header = MemoryMarshal.Read<AttributeHeader>(_rest);
        if (header.Length < Nl.AttributeHeaderLength || header.Length > _rest.Length)
        {
            throw new InvalidDataException($"an attribute says that it has {header.Length} bytes, and {_rest.Length} are left");
        }

        Type = (ushort)(header.Type & Nl.NLA_TYPE_MASK);
        Value = _rest[Nl.AttributeHeaderLength..header.Length];
        _rest = _rest[Math.Min(Nl.Align(header.Length), _rest.Length)..];
        return true;
    }

    private readonly ReadOnlySpan<byte> Sized(int length) =>
        Value.Length >= length ? Value : throw new InvalidDataException($"attribute {Type} has {Value.Length} bytes instead of {length}");
}
