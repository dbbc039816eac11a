using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Elysium.WireGuard;

/// <summary>
/// An IPv4 or IPv6 prefix without host bits, such as <c>10.77.0.0/24</c>. <see langword="default"/> is <c>0.0.0.0/0</c>. IPv4 sorts before
/// IPv6, then by address, then the shorter prefix first.
/// </summary>
public readonly struct IpPrefix : IEquatable<IpPrefix>, IComparable<IpPrefix>
{
    /// <summary>More bytes than any text of a prefix has.</summary>
    internal const int LongestText = AddressText.Longest + 4;

    // The address from the top bit down, IPv4 in the first 32: one mask serves both families. Two halves, because a UInt128 is aligned to 16 bytes.
    private readonly ulong _high;
    private readonly ulong _low;
    private readonly byte _length;
    private readonly bool _isIPv6;

    /// <summary>Makes a prefix.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is no length of this family.</exception>
    /// <exception cref="ArgumentException">The address has bits beyond the length.</exception>
    public IpPrefix(IPAddress address, int length)
    {
        ArgumentNullException.ThrowIfNull(address);
        var (bits, isIPv6) = Read(address);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, isIPv6 ? 128 : 32);
        if ((bits & ~Mask(length)) != 0)
        {
            throw new ArgumentException($"{address}/{length} has host bits; the prefix is {Containing(address, length)}.", nameof(address));
        }

        this = new IpPrefix(bits, length, isIPv6);
    }

    private IpPrefix(UInt128 bits, int length, bool isIPv6)
    {
        _high = (ulong)(bits >> 64);
        _low = (ulong)bits;
        _length = (byte)length;
        _isIPv6 = isIPv6;
    }

    /// <summary>The first address of the prefix.</summary>
    public IPAddress Address => AddressText.ToAddress(Bits, _isIPv6);

    /// <summary>How many leading bits are fixed: 0 to 32, or to 128.</summary>
    public int Length => _length;

    /// <summary>Whether it is an IPv6 prefix.</summary>
    public bool IsIPv6 => _isIPv6;

    /// <summary><see cref="AddressFamily.InterNetwork"/> or <see cref="AddressFamily.InterNetworkV6"/>.</summary>
    public AddressFamily Family => _isIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;

    /// <summary>Whether it holds exactly one address.</summary>
    public bool IsSingleAddress => HostBits == 0;

    /// <summary>How many addresses it holds, the first and the last included; <see cref="long.MaxValue"/> where a long cannot tell.</summary>
    public long AddressCount => HostBits < 63 ? 1L << HostBits : long.MaxValue;

    /// <summary>Whether all of it is private space: RFC 1918, RFC 6598 (100.64.0.0/10) or RFC 4193 (fc00::/7).</summary>
    public bool IsPrivate
    {
        get
        {
            foreach (var prefix in PrivateSpace.Prefixes)
            {
                if (prefix.Contains(this))
                {
                    return true;
                }
            }

            return false;
        }
    }

    private UInt128 Bits => new(_high, _low);

    private int AddressBits => _isIPv6 ? 128 : 32;

    private int HostBits => AddressBits - _length;

    /// <summary>The prefix that holds this one address: /32 or /128.</summary>
    public static IpPrefix Of(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var (bits, isIPv6) = Read(address);
        return new IpPrefix(bits, isIPv6 ? 128 : 32, isIPv6);
    }

    /// <summary>The prefix of this length that the address lies in.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is no length of this family.</exception>
    public static IpPrefix Containing(IPAddress address, int length)
    {
        ArgumentNullException.ThrowIfNull(address);
        var (bits, isIPv6) = Read(address);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, isIPv6 ? 128 : 32);
        return new IpPrefix(bits & Mask(length), length, isIPv6);
    }

    /// <summary>Reads <c>address/length</c>, strictly: no host bits, no leading zeros, no short forms of IPv4, no zone.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IpPrefix prefix)
    {
        Span<byte> bytes = stackalloc byte[LongestText];
        prefix = default;
        return Ascii.FromUtf16(text, bytes, out var length) == OperationStatus.Done && TryParse(bytes[..length], out prefix);
    }

    /// <summary>Reads the same from ASCII bytes, as UAPI has them.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out IpPrefix prefix)
    {
        prefix = default;
        var slash = text.IndexOf((byte)'/');
        if (slash < 0
            || !AddressText.TryParse(text[..slash], out var bits, out var isIPv6)
            || !AddressText.TryParseLength(text[(slash + 1)..], out var length))
        {
            return false;
        }

        if (length > (isIPv6 ? 128 : 32) || (bits & ~Mask(length)) != 0)
        {
            return false;
        }

        prefix = new IpPrefix(bits, length, isIPv6);
        return true;
    }

    /// <summary>Reads what <see cref="TryParse(ReadOnlySpan{char}, out IpPrefix)"/> reads.</summary>
    /// <exception cref="FormatException">It is no prefix.</exception>
    public static IpPrefix Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var prefix) ? prefix : throw new FormatException($"'{text}' is no IP prefix such as 10.77.0.0/24 without host bits.");

    /// <summary>Whether both are the same prefix.</summary>
    public static bool operator ==(IpPrefix left, IpPrefix right) => left.Equals(right);

    /// <summary>Whether they are different prefixes.</summary>
    public static bool operator !=(IpPrefix left, IpPrefix right) => !left.Equals(right);

    /// <summary>Whether the address lies in it; one of the other family never does.</summary>
    public bool Contains(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var (bits, isIPv6) = Read(address);
        return isIPv6 == _isIPv6 && ((bits ^ Bits) & Mask(_length)) == 0;
    }

    /// <summary>Whether all of the other lies in it.</summary>
    public bool Contains(IpPrefix other) => other._isIPv6 == _isIPv6 && other._length >= _length && ((other.Bits ^ Bits) & Mask(_length)) == 0;

    /// <summary>Whether an address lies in both.</summary>
    public bool Overlaps(IpPrefix other) => Contains(other) || other.Contains(this);

    /// <summary>The address at this offset from the first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The prefix is smaller.</exception>
    public IPAddress AddressAt(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, AddressCount);
        return AddressText.ToAddress(Bits + ((UInt128)offset << (128 - AddressBits)), _isIPv6);
    }

    /// <summary>How far the address is from the first; null when it does not lie in the prefix or a long cannot tell.</summary>
    public long? OffsetOf(IPAddress address)
    {
        if (!Contains(address))
        {
            return null;
        }

        var offset = (Read(address).Bits - Bits) >> (128 - AddressBits);
        return offset <= long.MaxValue ? (long)offset : null;
    }

    /// <inheritdoc/>
    public bool Equals(IpPrefix other) =>
        _high == other._high && _low == other._low && _length == other._length && _isIPv6 == other._isIPv6;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IpPrefix other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => KeyedHash.Of(_high, _low, _length, _isIPv6 ? 1UL : 0);

    /// <inheritdoc/>
    public int CompareTo(IpPrefix other)
    {
        var order = _isIPv6.CompareTo(other._isIPv6);
        order = order != 0 ? order : Bits.CompareTo(other.Bits);
        return order != 0 ? order : _length.CompareTo(other._length);
    }

    /// <summary><c>10.77.0.0/24</c>, as <see cref="TryParse(ReadOnlySpan{char}, out IpPrefix)"/> reads it.</summary>
    public override string ToString() => $"{Address}/{_length}";

    /// <summary>The value of the bit at this place, counted from the left.</summary>
    internal bool Bit(int place) => ((place < 64 ? _high : _low) << place >> 63) == 1;

    /// <summary>How many leading bits the addresses of both have in common; both are of one family.</summary>
    internal int CommonLength(IpPrefix other) => (int)UInt128.LeadingZeroCount(Bits ^ other.Bits);

    /// <summary>The prefix of this shorter length that holds this one.</summary>
    internal IpPrefix Shortened(int length) => new(Bits & Mask(length), length, _isIPv6);

    /// <summary>Writes what <see cref="ToString"/> gives; how many bytes there are.</summary>
    /// <param name="destination">At least <see cref="LongestText"/>.</param>
    internal int Format(Span<byte> destination)
    {
        var written = 0;
        if (_isIPv6)
        {
            Address.TryFormat(destination, out written);
        }
        else
        {
            for (var shift = 56; shift >= 32; shift -= 8)
            {
                ((byte)(_high >> shift)).TryFormat(destination[written..], out var digits, default, CultureInfo.InvariantCulture);
                destination[written + digits] = (byte)'.';
                written += digits + 1;
            }

            written--;
        }

        destination[written++] = (byte)'/';
        _length.TryFormat(destination[written..], out var lengthDigits, default, CultureInfo.InvariantCulture);
        return written + lengthDigits;
    }

    // A shift by 128 is a shift by 0 in C#.
    private static UInt128 Mask(int length) => length == 0 ? 0 : UInt128.MaxValue << (128 - length);

    private static (UInt128 Bits, bool IsIPv6) Read(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        address.TryWriteBytes(bytes, out var written);
        return (BinaryPrimitives.ReadUInt128BigEndian(bytes), written == 16);
    }

    // Not fields of the struct itself: its static constructor would run on every first touch of a prefix.
    private static class PrivateSpace
    {
        public static readonly IpPrefix[] Prefixes =
            [Parse("10.0.0.0/8"), Parse("172.16.0.0/12"), Parse("192.168.0.0/16"), Parse("100.64.0.0/10"), Parse("fc00::/7")];
    }
}
