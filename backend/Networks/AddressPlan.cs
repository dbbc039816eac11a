using System.Net;
using Elysium.WireGuard;

namespace Elysium.Backend.Networks;

/// <summary>
/// Who may have which address of a network: the first and the last of the IPv4 prefix are the network's own, the second is the hub's. An IPv6
/// address is never given out by itself: it lies in its prefix where the IPv4 address lies in its own, so that whatever holds for the one
/// (nobody else has it, it rests after use) holds for the other.
/// </summary>
internal readonly record struct AddressPlan(IpPrefix Prefix, IpPrefix? Prefix6 = null)
{
    /// <summary>Offset of the first address that a peer may have.</summary>
    public const long FirstPeerOffset = 2;

    public IPAddress Hub => Prefix.AddressAt(1);

    /// <summary>Null: the network is IPv4 only.</summary>
    public IPAddress? Hub6 => Beside(Hub);

    /// <summary>Offset just past the last address that a peer may have.</summary>
    public long EndOffset => (1L << (32 - Prefix.Length)) - 1;

    public long Capacity => EndOffset - FirstPeerOffset;

    public IPAddress Peer(long offset) =>
        offset >= FirstPeerOffset && offset < EndOffset
            ? Prefix.AddressAt(offset)
            : throw new ArgumentOutOfRangeException(nameof(offset), offset, $"{Prefix} has no peer address at this offset.");

    /// <summary>The IPv6 address of whoever has this IPv4 address; null: the network is IPv4 only.</summary>
    public IPAddress? Beside(IPAddress address) =>
        Prefix6 is { } prefix6
            ? prefix6.AddressAt(Prefix.OffsetOf(address) ?? throw new ArgumentOutOfRangeException(nameof(address), address, $"This is no address of {Prefix}."))
            : null;
}
