using System.Net;
using Elysium.WireGuard;

namespace Elysium.Backend.Networks;

/// <summary>Who may have which address of a prefix: the first and the last are the network's own, the second is the hub's.</summary>
internal readonly record struct AddressPlan(IpPrefix Prefix)
{
    /// <summary>Offset of the first address that a peer may have.</summary>
    public const long FirstPeerOffset = 2;

    public IPAddress Hub => Prefix.AddressAt(1);

    /// <summary>Offset just past the last address that a peer may have.</summary>
    public long EndOffset => (1L << (32 - Prefix.Length)) - 1;

    public long Capacity => EndOffset - FirstPeerOffset;

    public IPAddress Peer(long offset) =>
        offset >= FirstPeerOffset && offset < EndOffset
            ? Prefix.AddressAt(offset)
            : throw new ArgumentOutOfRangeException(nameof(offset), offset, $"{Prefix} has no peer address at this offset.");
}
