using System.Security.Cryptography;
using Elysium.WireGuard;

namespace Elysium.Linux.Netlink;

/// <summary>
/// Requests about WireGuard devices (linux/wireguard.h). A change is as many messages as it needs: the device's own attributes stand
/// in the first, and a peer whose prefixes do not fit goes on in the next one under the same key.
/// </summary>
/// <param name="family">The number of the family <c>wireguard</c>.</param>
/// <param name="name">The device.</param>
/// <param name="update">The change.</param>
/// <param name="longest">Bytes of the longest message.</param>
internal sealed class WireGuardMessages(ushort family, string name, DeviceUpdate update, int longest = WireGuardMessages.Longest)
{
    /// <summary>All peers of a message are one attribute, and the length of an attribute has 16 bits.</summary>
    public const int Longest = 65_000;

    /// <summary>What a peer takes without prefixes, and one prefix: key, preshared key, flags, endpoint and keepalive, three nests.</summary>
    private const int PeerRoom = 36 + 36 + 8 + 32 + 8 + (3 * Nl.AttributeHeaderLength);
    private const int PrefixRoom = Nl.AttributeHeaderLength + 8 + 20 + 8 + 8;

    private bool _started;
    private int _peer;
    private int _prefix;

    /// <summary>Asks for the device.</summary>
    public static Span<byte> Get(Span<byte> buffer, ushort family, string name)
    {
        var message = new MessageWriter(buffer, family, 0);
        message.Write(new GenericHeader(Wg.WG_CMD_GET_DEVICE, Wg.Version));
        message.Attribute(Wg.WGDEVICE_A_IFNAME, name);
        return message.Finish();
    }

    /// <summary>Puts the next message of the change into the buffer, in place of what it holds; false when there is none left.</summary>
    public bool Next(MessageBuffer buffer)
    {
        buffer.Clear();
        if (_started && _peer == update.Peers.Count)
        {
            return false;
        }

        var message = new MessageWriter(buffer, family, Nl.NLM_F_ACK);
        message.Write(new GenericHeader(Wg.WG_CMD_SET_DEVICE, Wg.Version));
        message.Attribute(Wg.WGDEVICE_A_IFNAME, name);
        if (!_started)
        {
            WriteDevice(ref message);
        }

        _started = true;
        if (_peer < update.Peers.Count)
        {
            WritePeers(ref message);
        }

        message.Finish();
        return true;
    }

    private void WriteDevice(ref MessageWriter message)
    {
        if (update.PrivateKey is { } key)
        {
            Span<byte> bytes = stackalloc byte[Wg.KeyLength];
            key.CopyTo(bytes);
            message.Attribute(Wg.WGDEVICE_A_PRIVATE_KEY, bytes);
            CryptographicOperations.ZeroMemory(bytes);
        }

        if (update.ListenPort is { } port)
        {
            message.Attribute(Wg.WGDEVICE_A_LISTEN_PORT, checked((ushort)port));
        }

        if (update.FirewallMark is { } mark)
        {
            message.Attribute(Wg.WGDEVICE_A_FWMARK, mark);
        }
    }

    private void WritePeers(ref MessageWriter message)
    {
        var nest = message.BeginNest(Wg.WGDEVICE_A_PEERS);
        do
        {
            WritePeer(ref message, update.Peers[_peer]);
        }
        while (_prefix == 0 && ++_peer < update.Peers.Count && message.Length + PeerRoom + PrefixRoom <= longest);

        message.EndNest(nest);
    }

    // Leaves the number of the prefix to go on with; 0 when the peer is done.
    private void WritePeer(ref MessageWriter message, PeerUpdate peer)
    {
        var nest = message.BeginNest(0);
        Span<byte> key = stackalloc byte[Wg.KeyLength];
        peer.PublicKey.CopyTo(key);
        message.Attribute(Wg.WGPEER_A_PUBLIC_KEY, key);

        // What is said once would replace the prefixes again; and a peer that went between two messages must not come back as a stub.
        var goesOn = _prefix > 0;
        if (!goesOn && !peer.Remove)
        {
            WriteSettings(ref message, peer);
        }

        var flags = goesOn ? Wg.WGPEER_F_UPDATE_ONLY : FlagsOf(peer);
        if (flags != 0)
        {
            message.Attribute(Wg.WGPEER_A_FLAGS, flags);
        }

        if (!peer.Remove)
        {
            WritePrefixes(ref message, peer);
        }

        message.EndNest(nest);
    }

    private static uint FlagsOf(PeerUpdate peer)
    {
        if (peer.Remove)
        {
            return Wg.WGPEER_F_REMOVE_ME;
        }

        return (peer.UpdateOnly ? Wg.WGPEER_F_UPDATE_ONLY : 0) | (peer.ReplaceAllowedIps ? Wg.WGPEER_F_REPLACE_ALLOWEDIPS : 0);
    }

    private static void WriteSettings(ref MessageWriter message, PeerUpdate peer)
    {
        if (peer.PresharedKey is { } preshared)
        {
            Span<byte> bytes = stackalloc byte[Wg.KeyLength];
            preshared.CopyTo(bytes);
            message.Attribute(Wg.WGPEER_A_PRESHARED_KEY, bytes);
            CryptographicOperations.ZeroMemory(bytes);
        }

        if (peer.Endpoint is { } endpoint)
        {
            Span<byte> address = stackalloc byte[SocketAddress.Longest];
            message.Attribute(Wg.WGPEER_A_ENDPOINT, address[..SocketAddress.Write(endpoint, address)]);
        }

        if (peer.PersistentKeepalive is { } keepalive)
        {
            message.Attribute(Wg.WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, keepalive);
        }
    }

    private void WritePrefixes(ref MessageWriter message, PeerUpdate peer)
    {
        var inserted = peer.AllowedIps?.Count ?? 0;
        var count = inserted + (peer.RemovedAllowedIps?.Count ?? 0);
        if (count == 0)
        {
            return;
        }

        var nest = message.BeginNest(Wg.WGPEER_A_ALLOWEDIPS);
        for (; _prefix < count && message.Length + PrefixRoom <= longest; _prefix++)
        {
            if (_prefix < inserted)
            {
                WritePrefix(ref message, peer.AllowedIps![_prefix], 0);
            }
            else
            {
                WritePrefix(ref message, peer.RemovedAllowedIps![_prefix - inserted], Wg.WGALLOWEDIP_F_REMOVE_ME);
            }
        }

        message.EndNest(nest);
        _prefix = _prefix == count ? 0 : _prefix;
    }

    private static void WritePrefix(ref MessageWriter message, IpPrefix prefix, uint flags)
    {
        var nest = message.BeginNest(0);
        message.Attribute(Wg.WGALLOWEDIP_A_FAMILY, (ushort)Family.Of(prefix.Family));
        message.Attribute(Wg.WGALLOWEDIP_A_IPADDR, prefix.Address);
        message.Attribute(Wg.WGALLOWEDIP_A_CIDR_MASK, (byte)prefix.Length);
        if (flags != 0)
        {
            message.Attribute(Wg.WGALLOWEDIP_A_FLAGS, flags);
        }

        message.EndNest(nest);
    }
}
