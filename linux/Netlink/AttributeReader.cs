using System.Buffers.Binary;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Elysium.Linux.Netlink;

/// <summary>
/// The attributes of a message behind its family's header, or of a nest. What does not fit is an <see cref="InvalidDataException"/>,
/// never anything else.
/// </summary>
internal ref struct AttributeReader(ReadOnlySpan<byte> attributes)
{
    private ReadOnlySpan<byte> _rest = attributes;

    /// <summary>Its number, without the flags; in an array its index.</summary>
    public ushort Type { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Whether the writer says that it holds attributes; what the kernel writes often does not say so.</summary>
    public bool IsNested { get; private set; }

    public readonly byte AsByte => As<byte>();

    public readonly ushort AsUInt16 => As<ushort>();

    public readonly uint AsUInt32 => As<uint>();

    public readonly int AsInt32 => As<int>();

    public readonly ulong AsUInt64 => As<ulong>();

    public readonly long AsInt64 => As<long>();

    public readonly ushort AsBigEndianUInt16 => BinaryPrimitives.ReadUInt16BigEndian(Sized(sizeof(ushort)));

    public readonly uint AsBigEndianUInt32 => BinaryPrimitives.ReadUInt32BigEndian(Sized(sizeof(uint)));

    public readonly ulong AsBigEndianUInt64 => BinaryPrimitives.ReadUInt64BigEndian(Sized(sizeof(ulong)));

    /// <summary>A string, up to its closing zero.</summary>
    public readonly string AsString => Encoding.UTF8.GetString(Value.IndexOf((byte)0) is var end and >= 0 ? Value[..end] : Value);

    /// <summary>An address of 4 or 16 bytes.</summary>
    public readonly IPAddress AsAddress => Value.Length is 4 or 16
        ? new IPAddress(Value)
        : throw new InvalidDataException($"attribute {Type} should be an address and has {Value.Length} bytes");

    public readonly AttributeReader AsNest => new(Value);

    /// <summary>Splits a message's payload into the family's header and the attributes behind it.</summary>
    public static AttributeReader Behind<T>(ReadOnlySpan<byte> payload, out T header)
        where T : unmanaged
    {
        if (!MemoryMarshal.TryRead(payload, out header))
        {
            throw new InvalidDataException($"a message has {payload.Length} bytes and its header alone should have {Unsafe.SizeOf<T>()}");
        }

        return new AttributeReader(payload[Math.Min(Nl.Align(Unsafe.SizeOf<T>()), payload.Length)..]);
    }

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
        IsNested = (header.Type & Nl.NLA_F_NESTED) != 0;
        Value = _rest[Nl.AttributeHeaderLength..header.Length];
        _rest = _rest[Math.Min(Nl.Align(header.Length), _rest.Length)..];
        return true;
    }

    /// <summary>A structure; a newer kernel may say more than we know.</summary>
    public readonly T As<T>()
        where T : unmanaged => MemoryMarshal.Read<T>(Sized(Unsafe.SizeOf<T>()));

    private readonly ReadOnlySpan<byte> Sized(int length) =>
        Value.Length >= length ? Value : throw new InvalidDataException($"attribute {Type} has {Value.Length} bytes instead of {length}");
}
