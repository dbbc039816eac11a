using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Elysium.WireGuard;

/// <summary>Values of wg-quick files. Numbers may have leading zeros, which <c>wg</c> passes over.</summary>
internal static class QuickValue
{
    public const int LeastMtu = 68;

    /// <summary>Reads decimal digits, and nothing but them.</summary>
    public static bool TryNumber(ReadOnlySpan<char> text, uint most, out uint number)
    {
        number = 0;
        var value = 0UL;
        foreach (var c in text)
        {
            value = char.IsAsciiDigit(c) ? (value * 10) + (uint)(c - '0') : ulong.MaxValue;
            if (value > most)
            {
                return false;
            }
        }

        number = (uint)value;
        return !text.IsEmpty;
    }

    /// <summary>Reads a number, decimal or after <c>0x</c> in hex.</summary>
    public static bool TryHexOrNumber(ReadOnlySpan<char> text, out uint number)
    {
        if (!text.StartsWith("0x"))
        {
            return TryNumber(text, uint.MaxValue, out number);
        }

        var digits = text[2..].TrimStart('0');
        number = 0;
        return text.Length > 2
            && (digits.IsEmpty || (digits.Length <= 8 && uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)));
    }

    /// <summary>Reads a prefix as <c>wg</c> does: host bits are cut off, and without a length it is one address.</summary>
    public static bool TryPrefix(ReadOnlySpan<char> text, out IpPrefix prefix)
    {
        prefix = default;
        if (!TryAddressAndLength(text, out var address, out var length))
        {
            return false;
        }

        prefix = IpPrefix.Containing(address, length);
        return true;
    }

    /// <summary>Reads an address with a length, or without as one address.</summary>
    public static bool TryAddressAndLength(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address, out int length)
    {
        var slash = text.IndexOf('/');
        length = 0;
        if (!AddressText.TryParse(slash < 0 ? text : text[..slash], out address))
        {
            return false;
        }

        var longest = (uint)QuickAddress.LongestPrefix(address);
        var number = longest;
        var read = slash < 0 || TryNumber(text[(slash + 1)..], longest, out number);
        length = (int)number;
        return read;
    }

    /// <summary>Reads an address, of IPv6 with the number of its zone if it has one.</summary>
    public static bool TryAddress(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        var percent = text.IndexOf('%');
        if (percent < 0)
        {
            return AddressText.TryParse(text, out address);
        }

        if (!AddressText.TryParse(text[..percent], out address)
            || QuickAddress.LongestPrefix(address) != 128
            || !TryNumber(text[(percent + 1)..], uint.MaxValue, out var zone))
        {
            return false;
        }

        address = new IPAddress(address.GetAddressBytes(), zone);
        return true;
    }

    /// <summary>Reads <c>ADDRESS:PORT</c>, <c>[ADDRESS]:PORT</c> or <c>NAME:PORT</c>; as for <c>wg</c>, the last colon stands before the port.</summary>
    /// <param name="text">The text.</param>
    /// <param name="endpoint">What it says.</param>
    /// <param name="isTold">Whether a device says it: then the port may be 0, because that is where a packet may have come from.</param>
    public static bool TryEndpoint(ReadOnlySpan<char> text, [NotNullWhen(true)] out EndPoint? endpoint, bool isTold = false)
    {
        endpoint = null;
        var bracketed = text.StartsWith('[');
        var end = bracketed ? text.IndexOf(']') : text.LastIndexOf(':');
        var colon = bracketed ? end + 1 : end;
        if (end < 0 || colon >= text.Length || text[colon] != ':' || !TryNumber(text[(colon + 1)..], ushort.MaxValue, out var port) || (port == 0 && !isTold))
        {
            return false;
        }

        var host = text[(bracketed ? 1 : 0)..end];
        endpoint = TryAddress(host, out var address) ? new IPEndPoint(address, (int)port)
            : IsHostName(host) || IsZoned(host) ? new DnsEndPoint(host.ToString(), (int)port)
            : null;
        return endpoint is not null;
    }

    /// <summary>
    /// Whether it is the name of a host (RFC 1123 §2.1; underscores are in use). One that ends with a number would be an address in an old
    /// spelling, such as <c>10.1</c>, for whoever resolves it.
    /// </summary>
    public static bool IsHostName(ReadOnlySpan<char> text)
    {
        var name = text.EndsWith('.') ? text[..^1] : text;
        if (name.Length is 0 or > 253)
        {
            return false;
        }

        var last = default(ReadOnlySpan<char>);
        foreach (var part in name.Split('.'))
        {
            last = name[part];
            if (last.Length is 0 or > 63 || last.StartsWith('-') || last.EndsWith('-') || !IsLabel(last))
            {
                return false;
            }
        }

        return last.ContainsAnyExceptInRange('0', '9') && !last.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether it is a domain to search, or with <c>~</c> one to ask these servers for (resolved.conf(5)).</summary>
    public static bool IsSearchDomain(ReadOnlySpan<char> text)
    {
        var name = text.StartsWith('~') ? text[1..] : text;
        return IsHostName(name) || (name is "." && text.Length == 2);
    }

    /// <summary>Whether it is a link-local address with the name of an interface, which only its own machine can number.</summary>
    private static bool IsZoned(ReadOnlySpan<char> text)
    {
        var percent = text.IndexOf('%');
        return percent > 0
            && AddressText.TryParse(text[..percent], out var address)
            && address.IsIPv6LinkLocal
            && text[(percent + 1)..] is { Length: >= 1 and <= 15 } zone
            && !zone.ContainsAnyExceptInRange('!', '~')
            && !zone.ContainsAny("/%:[]#");
    }

    private static bool IsLabel(ReadOnlySpan<char> label)
    {
        foreach (var c in label)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
            {
                return false;
            }
        }

        return true;
    }
}
