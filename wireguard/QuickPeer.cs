using System.Net;

namespace Elysium.WireGuard;

/// <summary>A <c>[Peer]</c> of a wg-quick file.</summary>
/// <param name="PublicKey">Its key.</param>
public sealed record QuickPeer(PublicKey PublicKey)
{
    /// <summary>Its preshared key; null is none.</summary>
    public PresharedKey? PresharedKey { get; init; }

    /// <summary>Prefixes that go to it and may come from it, in the order of the file.</summary>
    public IReadOnlyList<IpPrefix> AllowedIps { get; init; } = [];

    /// <summary>
    /// Where it is; null is unknown. An <see cref="IPEndPoint"/>, or a <see cref="DnsEndPoint"/> where the file has a name: of a host, or a
    /// link-local address with the name of its interface (<c>fe80::1%eth0</c>).
    /// </summary>
    public EndPoint? Endpoint { get; init; }

    /// <summary>Seconds between keepalives; 0 is off.</summary>
    public ushort PersistentKeepalive { get; init; }
}
