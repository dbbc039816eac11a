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
public sealed record PeerUpdate(
    PublicKey PublicKey,
    bool Remove = false,
    bool UpdateOnly = false,
    PresharedKey? PresharedKey = null,
    IPEndPoint? Endpoint = null,
    ushort? PersistentKeepalive = null,
    bool ReplaceAllowedIps = false,
    IReadOnlyList<IpPrefix>? AllowedIps = null);
