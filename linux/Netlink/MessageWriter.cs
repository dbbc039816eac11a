using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Elysium.Linux.Netlink;

/// <summary>
/// Writes one netlink message into a buffer: header, the family's own header, attributes. Numbers are in host order (netlink(7)). A
/// buffer that is too small is a bug and throws.
/// </summary>
internal ref struct MessageWriter
{
    private readonly Span<byte> _buffer;
    private int _length;

    public MessageWriter(Span<byte> buffer, ushort type, ushort flags)
    {
        _buffer = buffer;
        Write(new MessageHeader(0, type, flags, 0, 0));
    }

    /// <summary>The family's own header, or any other structure at this place.</summary>
    public void Write<T>(T value)
        where T : unmanaged
    {
        MemoryMarshal.Write(Take(Unsafe.SizeOf<T>()), value);
    }

    public void Attribute(ushort type, scoped ReadOnlySpan<byte> value)
    {
        Write(new AttributeHeader((ushort)(Nl.AttributeHeaderLength + value.Length), type));
        value.CopyTo(Take(value.Length));
    }

    public void Attribute(ushort type, uint value) => Attribute(type, MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in value)));

    public void Attribute(ushort type, int value) => Attribute(type, (uint)value);

    /// <summary>A string with its closing zero.</summary>
    public void Attribute(ushort type, string value)
    {
        Span<byte> bytes = stackalloc byte[Encoding.UTF8.GetByteCount(value) + 1];
        bytes.Clear();
        Encoding.UTF8.GetBytes(value, bytes);
        Attribute(type, bytes);
    }

    public void Attribute(ushort type, IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        Attribute(type, bytes[..length]);
    }

    /// <summary>Opens an attribute that holds attributes; hand what it returns to <see cref="EndNest"/>.</summary>
    public int BeginNest(ushort type)
    {
        var start = _length;
        Write(new AttributeHeader(0, (ushort)(type | Nl.NLA_F_NESTED)));
        return start;
    }

    public readonly void EndNest(int start)
    {
        var length = checked((ushort)(_length - start));
        MemoryMarshal.Write(_buffer[start..], length);
    }

    /// <summary>The message, complete but for the sequence number that the socket gives it.</summary>
    public readonly Span<byte> Finish()
    {
        MemoryMarshal.Write(_buffer, _length);
        return _buffer[.._length];
    }

    private Span<byte> Take(int length)
    {
        var taken = _buffer.Slice(_length, Nl.Align(length));
        taken[length..].Clear();
        _length += taken.Length;
        return taken[..length];
    }
}
