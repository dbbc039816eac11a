using System.Net;

namespace Elysium.WireGuard;

/// <summary>What a device is, as it tells us.</summary>
/// <param name="Name">Name of its interface.</param>
/// <param name="PrivateKey">Its key; null before it has one.</param>
/// <param name="ListenPort">UDP port; 0 before it is up or has one.</param>
/// <param name="FirewallMark">Mark on the packets that it sends; 0 is none.</param>
/// <param name="Peers">Its peers, in no order.</param>
public sealed record Device(string Name, PrivateKey? PrivateKey, int ListenPort, uint FirewallMark, IReadOnlyList<Peer> Peers)
{
    /// <summary>Which peer every address goes to: the table that the device sends and receives by.</summary>
    public PrefixTable<Peer> AllowedIps()
    {
        var table = new PrefixTable<Peer>();
        foreach (var peer in Peers)
        {
            foreach (var prefix in peer.AllowedIps)
            {
                table.Insert(prefix, peer);
            }
        }

        return table;
    }
}

/// <summary>What a peer of a device is, as the device tells us.</summary>
/// <param name="PublicKey">Its key.</param>
/// <param name="PresharedKey">Its preshared key; null is none.</param>
/// <param name="Endpoint">Where it was heard last, or what was set; null is unknown.</param>
/// <param name="PersistentKeepalive">Seconds between keepalives; 0 is off.</param>
/// <param name="LastHandshake">When a session with it last began; null is never.</param>
/// <param name="ReceivedBytes">Bytes received from it, encryption and handshakes included.</param>
/// <param name="SentBytes">Bytes sent to it, encryption and handshakes included.</param>
/// <param name="AllowedIps">Prefixes that go to it and may come from it, in no order.</param>
public sealed record Peer(
    PublicKey PublicKey,
    PresharedKey? PresharedKey,
    IPEndPoint? Endpoint,
    ushort PersistentKeepalive,
    DateTimeOffset? LastHandshake,
    long ReceivedBytes,
    long SentBytes,
    IReadOnlyList<IpPrefix> AllowedIps);
