using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Elysium.WireGuard;

/// <summary>
/// IP addresses as people and UAPI write them. Stricter than <see cref="IPAddress.TryParse(ReadOnlySpan{char}, out IPAddress?)"/>, which takes
/// <c>10.1</c> for 10.0.0.1 and <c>010.0.0.1</c> for 8.0.0.1 (inet_aton).
/// </summary>
internal static class AddressText
{
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        if (text.Contains(':'))
        {
            address = null;

            // An IPv4 address at the end keeps to the same rules: .NET takes 04 there.
            var end = text[(text.LastIndexOf(':') + 1)..];
            return (!end.Contains('.') || TryParseIPv4(end, out _))
                && !text.ContainsAny('[', ']', '%')
                && IPAddress.TryParse(text, out address)
                && address.AddressFamily == AddressFamily.InterNetworkV6;
        }

        return TryParseIPv4(text, out address);
    }

    /// <summary>Reads a prefix length of up to three digits, without sign or leading zero; the caller knows its family's limit.</summary>
    public static bool TryParseLength(ReadOnlySpan<char> text, out int length)
    {
        length = 0;
        return text.Length is >= 1 and <= 3 && (text.Length == 1 || text[0] != '0')
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out length);
    }

    private static bool TryParseIPv4(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        Span<byte> bytes = stackalloc byte[4];
        var count = 0;
        foreach (var part in text.Split('.'))
        {
            if (count == bytes.Length || !TryParseLength(text[part], out var value) || value > byte.MaxValue)
            {
                return false;
            }

            bytes[count++] = (byte)value;
        }

        if (count != bytes.Length)
        {
            return false;
        }

        address = new IPAddress(bytes);
        return true;
    }
}
