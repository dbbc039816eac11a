using System.Net;
using System.Net.Sockets;

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
}
