using System.Net;
using System.Net.Sockets;
using Elysium.WireGuard;

namespace Elysium.Linux.Netlink;

/// <summary>Address families as the kernel numbers them; .NET has a number of its own for IPv6.</summary>
internal static class Family
{
    public static byte Of(IPAddress address) => Of(address.AddressFamily);

    public static byte Of(AddressFamily family) => family switch
    {
        AddressFamily.InterNetwork => Rt.AF_INET,
        AddressFamily.InterNetworkV6 => Rt.AF_INET6,
        _ => throw new ArgumentOutOfRangeException(nameof(family), family, "Neither IPv4 nor IPv6."),
    };

    public static IPAddress AnyOf(byte family) => family switch
    {
        Rt.AF_INET => IPAddress.Any,
        Rt.AF_INET6 => IPAddress.IPv6Any,
        _ => throw new InvalidDataException($"the address family {family} is neither IPv4 nor IPv6"),
    };

    /// <summary>An address that the kernel sent, of the family that its message says.</summary>
    public static IPAddress Checked(IPAddress address, byte family) => Of(address) == family
        ? address
        : throw new InvalidDataException($"{address} stands in a message of the address family {family}");

    /// <summary>A prefix that the kernel sent.</summary>
    public static IpPrefix Prefix(IPAddress address, byte length, byte family) => length <= (family == Rt.AF_INET6 ? 128 : 32)
        ? IpPrefix.Containing(Checked(address, family), length)
        : throw new InvalidDataException($"{address} cannot have a prefix of {length} bits");
}
