using System.Net;

namespace Elysium.WireGuard;

/// <summary>A change to a device; null means: leave alone. Applied in this order, peers one by one; not a transaction.</summary>
/// <param name="PrivateKey">The new key; a peer that has it as its public key goes.</param>
/// <param name="ListenPort">The new UDP port.</param>
/// <param name="FirewallMark">The new mark; 0 is none.</param>
/// <param name="Peers">Changes to peers; one that is not here stays as it is.</param>
public sealed record DeviceUpdate(PrivateKey? PrivateKey, int? ListenPort, uint? FirewallMark, IReadOnlyList<PeerUpdate> Peers)
{
    /// <summary>What the device is afterwards, by the rules of WireGuard itself: a prefix that is inserted leaves the peer that had it.</summary>
    public Device ApplyTo(Device device) => DeviceModel.Apply(this, device);

    /// <summary>
    /// The key of a peer that exists for a moment only, in what <see cref="WithoutRemovals"/> makes: a point of order 8 on Curve25519
    /// (cr.yp.to/ecdh.html, "small order"). It belongs to no private key, so it is nobody's and never the device's own, and every
    /// agreement with it is all zero, which WireGuard refuses: nobody can speak as that peer. No other peer may have it.
    /// </summary>
    public static PublicKey ScratchPeer { get; } = AllowedIpRemovals.ScratchPeer;

    /// <summary>
    /// The same change for an engine that cannot take one prefix from a peer (Linux before 6.16, most userspace engines):
    /// <see cref="PeerUpdate.RemovedAllowedIps"/> move to <see cref="ScratchPeer"/>, which is then removed. An insert moves a prefix in one
    /// step, so no other prefix is ever without its peer, as it would be if those of the peer were replaced.
    /// </summary>
    /// <remarks>
    /// Unlike a removal, which does nothing when the prefix is another peer's, the move takes it from whoever has it, unless this update
    /// inserts it: call it with prefixes that were read from the peer, as <see cref="DeviceDiff"/> does. Between the two steps what would match a
    /// prefix that goes is dropped. Who is cut off there leaves a peer behind that nobody asked for; the next difference removes it.
    /// </remarks>
    /// <returns>This very update when it removes no prefix.</returns>
    public DeviceUpdate WithoutRemovals() => AllowedIpRemovals.Lower(this);
}

/// <summary>A change to a peer; null means: leave alone.</summary>
/// <param name="PublicKey">Which peer.</param>
/// <param name="Remove">Whether it goes; everything else is then without meaning.</param>
/// <param name="UpdateOnly">Whether nothing happens if there is no such peer; otherwise it is made.</param>
/// <param name="PresharedKey">The new preshared key; <see cref="PresharedKey.None"/> takes it away.</param>
/// <param name="Endpoint">The new endpoint.</param>
/// <param name="PersistentKeepalive">Seconds between keepalives; 0 is off.</param>
/// <param name="ReplaceAllowedIps">Whether the prefixes that it has go first.</param>
/// <param name="AllowedIps">Prefixes to insert; each leaves the peer that had it.</param>
/// <param name="RemovedAllowedIps">Prefixes to take away, after the others were inserted; one that is another peer's stays there.</param>
public sealed record PeerUpdate(
    PublicKey PublicKey,
    bool Remove = false,
    bool UpdateOnly = false,
    PresharedKey? PresharedKey = null,
    IPEndPoint? Endpoint = null,
    ushort? PersistentKeepalive = null,
    bool ReplaceAllowedIps = false,
    IReadOnlyList<IpPrefix>? AllowedIps = null,
    IReadOnlyList<IpPrefix>? RemovedAllowedIps = null);
