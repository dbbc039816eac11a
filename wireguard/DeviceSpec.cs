using System.Net;

namespace Elysium.WireGuard;

/// <summary>What a device should be.</summary>
/// <param name="PrivateKey">Its key.</param>
/// <param name="ListenPort">UDP port; 0 takes the one that the device has, or any.</param>
/// <param name="Peers">Its peers, whole: a peer that is not here is removed. Each key once; where two peers claim one prefix the
/// later has it, as in WireGuard itself. A peer with the device's own key is left out, as every device does;
/// so is <see cref="DeviceUpdate.ScratchPeer"/>, which no machine can be.</param>
/// <param name="FirewallMark">Mark on the packets that it sends; 0 is none.</param>
public sealed record DeviceSpec(PrivateKey PrivateKey, int ListenPort, IReadOnlyList<PeerSpec> Peers, uint FirewallMark = 0);

/// <summary>What a peer of a device should be.</summary>
/// <param name="PublicKey">Its key.</param>
/// <param name="AllowedIps">Prefixes that go to it and may come from it.</param>
/// <param name="Endpoint">Where it is; null leaves alone what the device learned.</param>
/// <param name="PersistentKeepalive">Seconds between keepalives; 0 is off.</param>
/// <param name="PresharedKey">Its preshared key; null is none.</param>
public sealed record PeerSpec(
    PublicKey PublicKey,
    IReadOnlyList<IpPrefix> AllowedIps,
    IPEndPoint? Endpoint = null,
    ushort PersistentKeepalive = 0,
    PresharedKey? PresharedKey = null);
