using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;

namespace Elysium.WireGuard;

/// <summary>
/// IP addresses as people and UAPI write them, read from bytes as they come. Stricter than <see cref="IPAddress.TryParse(ReadOnlySpan{char}, out IPAddress?)"/>, which takes
/// <c>10.1</c> for 10.0.0.1 and <c>010.0.0.1</c> for 8.0.0.1 (inet_aton), brackets and zones.
/// </summary>
internal static class AddressText
{
    /// <summary>More bytes than any address has: <c>0000:0000:0000:0000:0000:ffff:255.255.255.255</c> has 45.</summary>
    public const int Longest = 48;

    private const int Groups = 8;

    /// <summary>Reads an address into its bits from the top down: IPv4 in the first 32.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out UInt128 bits, out bool isIPv6)
    {
        isIPv6 = text.Contains((byte)':');
        if (isIPv6)
        {
            return TryParseIPv6(text, out bits);
        }

        var good = TryParseIPv4(text, out var address);
        bits = (UInt128)address << 96;
        return good;
    }

    /// <summary>Reads an address from text.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[Longest];
        address = Ascii.FromUtf16(text, bytes, out var length) == OperationStatus.Done && TryParse(bytes[..length], out var bits, out var isIPv6)
            ? ToAddress(bits, isIPv6)
            : null;
        return address is not null;
    }

    /// <summary>Reads <c>192.0.2.1:51820</c> or <c>[2001:db8::1]:51820</c>, as engines write endpoints. Port 0 is one: a device roams to whatever port a packet came from.</summary>
    public static bool TryParseEndpoint(ReadOnlySpan<byte> text, [NotNullWhen(true)] out IPEndPoint? endpoint)
    {
        endpoint = null;
        var colon = text.LastIndexOf((byte)':');
        if (colon < 0 || !TryParseNumber(text[(colon + 1)..], out var port) || port > ushort.MaxValue)
        {
            return false;
        }

        var host = text[..colon];
        var bracketed = host is [(byte)'[', .., (byte)']'];
        if (bracketed)
        {
            host = host[1..^1];

            // The zone of a link-local endpoint is a name that only its own machine can number.
            var zone = host.IndexOf((byte)'%');
            host = zone < 0 ? host : host[..zone];
        }

        if (!TryParse(host, out var bits, out var isIPv6) || isIPv6 != bracketed)
        {
            return false;
        }

        endpoint = new IPEndPoint(ToAddress(bits, isIPv6), (int)port);
        return true;
    }

    /// <summary>Reads a prefix length of up to three digits, without sign or leading zero; the caller knows its family's limit.</summary>
    public static bool TryParseLength(ReadOnlySpan<byte> text, out int length)
    {
        length = 0;
        if (text.Length > 3 || (text.Length > 1 && text[0] == '0') || !TryParseNumber(text, out var number))
        {
            return false;
        }

        length = (int)number;
        return true;
    }

    /// <summary>Reads digits, and nothing else, that a long can hold.</summary>
    public static bool TryParseNumber(ReadOnlySpan<byte> text, out long number)
    {
        number = 0;
        if (text.Length is 0 or > 19)
        {
            return false;
        }

        ulong sum = 0;
        foreach (var character in text)
        {
            var digit = (uint)(character - '0');
            if (digit > 9)
            {
                return false;
            }

            // 19 digits fit.
            sum = (sum * 10) + digit;
        }

        number = (long)sum;
        return sum <= long.MaxValue;
    }

    /// <summary>The address of these bits.</summary>
    public static IPAddress ToAddress(UInt128 bits, bool isIPv6)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, bits);
        return new IPAddress(isIPv6 ? bytes : bytes[..4]);
    }

    private static bool TryParseIPv4(ReadOnlySpan<byte> text, out uint address)
    {
        address = 0;
        var count = 0;
        foreach (var part in text.Split((byte)'.'))
        {
            if (++count > 4 || !TryParseLength(text[part], out var value) || value > byte.MaxValue)
            {
                return false;
            }

            address = (address << 8) | (uint)value;
        }

        return count == 4;
    }

    // RFC 4291 §2.2: up to eight groups of up to four hex digits, one run of zero groups as '::', the last two as IPv4.
    private static bool TryParseIPv6(ReadOnlySpan<byte> text, out UInt128 bits)
    {
        bits = 0;
        Span<ushort> groups = stackalloc ushort[Groups];
        var count = 0;
        var gap = -1;
        if (text.StartsWith("::"u8))
        {
            gap = 0;
            text = text[2..];
        }

        while (!text.IsEmpty)
        {
            if (count == Groups)
            {
                return false;
            }

            var colon = text.IndexOf((byte)':');
            var part = colon < 0 ? text : text[..colon];
            if (colon < 0 && part.Contains((byte)'.'))
            {
                if (count > Groups - 2 || !TryParseIPv4(part, out var address))
                {
                    return false;
                }

                groups[count++] = (ushort)(address >> 16);
                groups[count++] = (ushort)address;
                break;
            }

            if (!TryParseGroup(part, out groups[count++]))
            {
                return false;
            }

            if (colon < 0)
            {
                break;
            }

            text = text[(colon + 1)..];
            if (text.IsEmpty)
            {
                return false;
            }

            if (text[0] == ':')
            {
                if (gap >= 0)
                {
                    return false;
                }

                gap = count;
                text = text[1..];
            }
        }

        if (gap < 0 ? count != Groups : count == Groups)
        {
            return false;
        }

        for (var group = 0; group < Groups; group++)
        {
            // What stands after the gap ends at the last group.
            var source = gap < 0 || group < gap ? group : group - (Groups - count);
            bits = (bits << 16) | (source < 0 || (gap >= 0 && group >= gap && source < gap) ? (ushort)0 : groups[source]);
        }

        return true;
    }

    private static bool TryParseGroup(ReadOnlySpan<byte> text, out ushort group)
    {
        group = 0;
        foreach (var character in text)
        {
            var digit = char.IsAsciiDigit((char)character) ? character - '0' : (character | 0x20) - 'a' + 10;
            if (!char.IsAsciiHexDigit((char)character))
            {
                return false;
            }

            group = (ushort)((group << 4) | digit);
        }

        return text.Length is >= 1 and <= 4;
    }
}
