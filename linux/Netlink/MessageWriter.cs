using System.Buffers.Binary;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Elysium.Linux.Netlink;

/// <summary>
/// Writes one netlink message: header, the family's own header, attributes. Numbers are in host order (netlink(7)) but for those that
/// say otherwise. Over a span for what is surely small (too small a span is a bug and throws), over a <see cref="MessageBuffer"/> for
/// the rest; there a message counts once it is finished.
/// </summary>
internal ref struct MessageWriter
{
    /// <summary>nla_len has 16 bits and counts its own header.</summary>
    public const int LargestAttribute = ushort.MaxValue;

    private readonly MessageBuffer? _growing;
    private readonly int _start;
    private Span<byte> _buffer;
    private int _end;

    public MessageWriter(Span<byte> buffer, ushort type, ushort flags)
    {
        _buffer = buffer;
        Write(new MessageHeader(0, type, flags, 0, 0));
    }

    public MessageWriter(MessageBuffer buffer, ushort type, ushort flags)
    {
        _growing = buffer;
        _buffer = buffer.Storage;
        _start = _end = buffer.Length;
        Write(new MessageHeader(0, type, flags, 0, 0));
    }

    /// <summary>Bytes of this message so far; a mark for <see cref="Rewind"/>.</summary>
    public readonly int Length => _end - _start;

    /// <summary>The family's own header, or any other structure at this place; padded to four bytes.</summary>
    public void Write<T>(T value)
        where T : unmanaged
    {
        MemoryMarshal.Write(Take(Unsafe.SizeOf<T>()), value);
    }

    /// <summary>An attribute without a value, which says yes by being there.</summary>
    public void Flag(ushort type) => Attribute(type, ReadOnlySpan<byte>.Empty);

    public void Attribute(ushort type, scoped ReadOnlySpan<byte> value)
    {
        Write(new AttributeHeader(LengthOf(type, Nl.AttributeHeaderLength + value.Length), type));
        value.CopyTo(Take(value.Length));
    }

    public void Attribute(ushort type, byte value) => Attribute(type, [value]);

    public void Attribute(ushort type, ushort value) => AttributeOf(type, value);

    public void Attribute(ushort type, uint value) => AttributeOf(type, value);

    public void Attribute(ushort type, int value) => AttributeOf(type, value);

    public void Attribute(ushort type, ulong value) => AttributeOf(type, value);

    public void Attribute(ushort type, long value) => AttributeOf(type, value);

    /// <summary>In network order, as netfilter wants its numbers.</summary>
    public void BigEndian(ushort type, ushort value) => AttributeOf(type, BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value);

    /// <inheritdoc cref="BigEndian(ushort, ushort)"/>
    public void BigEndian(ushort type, uint value) => AttributeOf(type, BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value);

    /// <inheritdoc cref="BigEndian(ushort, ushort)"/>
    public void BigEndian(ushort type, ulong value) => AttributeOf(type, BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value);

    /// <summary>A string with its closing zero.</summary>
    public void Attribute(ushort type, string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Write(new AttributeHeader(LengthOf(type, Nl.AttributeHeaderLength + length + 1), type));
        var bytes = Take(length + 1);
        Encoding.UTF8.GetBytes(value, bytes);
        bytes[length] = 0;
    }

    public void Attribute(ushort type, IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        Attribute(type, bytes[..length]);
    }

    /// <summary>A structure as an attribute's value.</summary>
    public void AttributeOf<T>(ushort type, T value)
        where T : unmanaged => Attribute(type, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    /// <summary>Opens an attribute that holds attributes (for an array: 0, or the index); hand what it returns to <see cref="EndNest"/>.</summary>
    public int BeginNest(ushort type)
    {
        var mark = Length;
        Write(new AttributeHeader(0, (ushort)(type | Nl.NLA_F_NESTED)));
        return mark;
    }

    /// <summary>Closes it.</summary>
    /// <exception cref="InvalidOperationException">It holds more than an attribute can: the request must be split.</exception>
    public readonly void EndNest(int mark)
    {
        var nest = _buffer[(_start + mark)..];
        MemoryMarshal.Write(nest, LengthOf(MemoryMarshal.Read<AttributeHeader>(nest).Type, Length - mark));
    }

    /// <summary>Takes back what was written since the message had this <see cref="Length"/>.</summary>
    public void Rewind(int mark)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(mark, Nl.HeaderLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(mark, Length);
        _end = _start + mark;
    }

    /// <summary>The message, complete but for the sequence number that the socket gives it.</summary>
    public readonly Span<byte> Finish()
    {
        MemoryMarshal.Write(_buffer[_start..], Length);
        _growing?.Commit(_end);
        return _buffer[_start.._end];
    }

    private static ushort LengthOf(ushort type, int length) => length <= LargestAttribute
        ? (ushort)length
        : throw new InvalidOperationException(
            $"The attribute {type & Nl.NLA_TYPE_MASK} would have {length} bytes, and none has more than {LargestAttribute}: split the request.");

    private Span<byte> Take(int length)
    {
        var padded = Nl.Align(length);
        if (padded > _buffer.Length - _end)
        {
            _buffer = _growing is null
                ? throw new InvalidOperationException($"A message needs more than the {_buffer.Length} bytes that it was given.")
                : _growing.Grow(_end, padded);
        }

        var taken = _buffer.Slice(_end, padded);
        taken[length..].Clear();
        _end += padded;
        return taken[..length];
    }
}
