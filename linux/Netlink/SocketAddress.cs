using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Elysium.Linux.Netlink;

/// <summary>struct sockaddr_in and struct sockaddr_in6: the family in host order, port and address in network order.</summary>
internal static class SocketAddress
{
    public const int Longest = IPv6Length;

    private const int IPv4Length = 16;
    private const int IPv6Length = 28;

    /// <summary>Writes an endpoint and gives its length, which is all that WireGuard knows its family by: 16 or 28.</summary>
    public static int Write(IPEndPoint endpoint, Span<byte> address)
    {
        var isIPv6 = endpoint.AddressFamily == AddressFamily.InterNetworkV6;
        address[..(isIPv6 ? IPv6Length : IPv4Length)].Clear();
        MemoryMarshal.Write(address, (ushort)Family.Of(endpoint.AddressFamily));
        BinaryPrimitives.WriteUInt16BigEndian(address[2..], (ushort)endpoint.Port);
        endpoint.Address.TryWriteBytes(address[(isIPv6 ? 8 : 4)..], out _);
        if (!isIPv6)
        {
            return IPv4Length;
        }

        // The index of the link that a link-local address is meant on.
        MemoryMarshal.Write(address[24..], (uint)endpoint.Address.ScopeId);
        return IPv6Length;
    }

    /// <exception cref="InvalidDataException">It is no address of either family.</exception>
    public static IPEndPoint Read(ReadOnlySpan<byte> address)
    {
        if (address.Length == IPv4Length && MemoryMarshal.Read<ushort>(address) == Rt.AF_INET)
        {
            return new IPEndPoint(new IPAddress(address.Slice(4, 4)), BinaryPrimitives.ReadUInt16BigEndian(address[2..]));
        }

        if (address.Length == IPv6Length && MemoryMarshal.Read<ushort>(address) == Rt.AF_INET6)
        {
            var scope = MemoryMarshal.Read<uint>(address[24..]);
            return new IPEndPoint(new IPAddress(address.Slice(8, 16), scope), BinaryPrimitives.ReadUInt16BigEndian(address[2..]));
        }

        throw new InvalidDataException($"an endpoint of {address.Length} bytes is neither IPv4 nor IPv6");
    }
}
