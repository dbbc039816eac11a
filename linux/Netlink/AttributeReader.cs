using System.Runtime.InteropServices;
using System.Text;

namespace Elysium.Linux.Netlink;

/// <summary>The attributes of a message behind its family's header, or of a nest.</summary>
internal ref struct AttributeReader(ReadOnlySpan<byte> attributes)
{
    private ReadOnlySpan<byte> _rest = attributes;

    public ushort Type { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    public readonly uint AsUInt32 => MemoryMarshal.Read<uint>(Sized(sizeof(uint)));

    public readonly int AsInt32 => (int)AsUInt32;

    /// <summary>A string, without its closing zero.</summary>
    public readonly string AsString => Encoding.UTF8.GetString(Value.TrimEnd((byte)0));

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
