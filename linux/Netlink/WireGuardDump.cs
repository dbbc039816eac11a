using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Elysium.WireGuard;

namespace Elysium.Linux.Netlink;

/// <summary>
/// Reads the dump of a device (wg_get_device_dump). The first message says what the device is; each has some of the peers. A peer with more
/// prefixes than fit goes on as the first peer of the next message, with nothing but its key and more prefixes.
/// </summary>
internal sealed class WireGuardDump : IDumpReader
{
    private readonly List<Peer> _peers = [];
    private List<IpPrefix> _lastAllowedIps = [];
    private PrivateKey? _privateKey;
    private ushort _listenPort;
    private uint _firewallMark;

    /// <inheritdoc/>
    public void Restart()
    {
        _peers.Clear();
        (_privateKey, _listenPort, _firewallMark) = (null, 0, 0);
    }

    /// <inheritdoc/>
    public void Read(ushort type, ReadOnlySpan<byte> payload)
    {
        var attributes = AttributeReader.Behind(payload, out GenericHeader _);
        while (attributes.Read())
        {
            switch (attributes.Type)
            {
                case Wg.WGDEVICE_A_PRIVATE_KEY:
                    _privateKey = IsZero(Key(attributes.Value)) ? null : new PrivateKey(attributes.Value);
                    break;
                case Wg.WGDEVICE_A_LISTEN_PORT:
                    _listenPort = attributes.AsUInt16;
                    break;
                case Wg.WGDEVICE_A_FWMARK:
                    _firewallMark = attributes.AsUInt32;
                    break;
                case Wg.WGDEVICE_A_PEERS:
                    ReadPeers(attributes.AsNest);
                    break;
            }
        }
    }

    /// <summary>The device, once its dump is whole.</summary>
    /// <exception cref="InvalidDataException">A peer comes twice.</exception>
    public Device ToDevice(string name)
    {
        // Only now: in a dump that was interrupted a peer may well come twice.
        var seen = new HashSet<PublicKey>(_peers.Count);
        foreach (var peer in _peers)
        {
            if (!seen.Add(peer.PublicKey))
            {
                throw new InvalidDataException($"the peer {peer.PublicKey} comes twice");
            }
        }

        return new Device(name, _privateKey, _listenPort, _firewallMark, _peers);
    }

    private void ReadPeers(AttributeReader peers)
    {
        while (peers.Read())
        {
            ReadPeer(peers.AsNest);
        }
    }

    private void ReadPeer(AttributeReader attributes)
    {
        PublicKey publicKey = default;
        PresharedKey? presharedKey = null;
        IPEndPoint? endpoint = null;
        ushort keepalive = 0;
        DateTimeOffset? handshake = null;
        long received = 0;
        long sent = 0;
        var allowedIps = new List<IpPrefix>(1);
        while (attributes.Read())
        {
            switch (attributes.Type)
            {
                case Wg.WGPEER_A_PUBLIC_KEY:
                    publicKey = IsZero(Key(attributes.Value)) ? default : new PublicKey(attributes.Value);
                    break;
                case Wg.WGPEER_A_PRESHARED_KEY:
                    presharedKey = IsZero(Key(attributes.Value)) ? null : new PresharedKey(attributes.Value);
                    break;
                case Wg.WGPEER_A_ENDPOINT:
                    endpoint = SocketAddress.Read(attributes.Value);
                    break;
                case Wg.WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL:
                    keepalive = attributes.AsUInt16;
                    break;
                case Wg.WGPEER_A_LAST_HANDSHAKE_TIME:
                    handshake = Time(attributes.As<Timespec>());
                    break;
                case Wg.WGPEER_A_RX_BYTES:
                    received = Count(attributes.AsUInt64);
                    break;
                case Wg.WGPEER_A_TX_BYTES:
                    sent = Count(attributes.AsUInt64);
                    break;
                case Wg.WGPEER_A_ALLOWEDIPS:
                    ReadAllowedIps(attributes.AsNest, allowedIps);
                    break;
            }
        }

        if (publicKey == default)
        {
            // The kernel takes all zero for a key, although nobody can have it. No PublicKey can say it, so nothing of ours could remove that peer.
            return;
        }

        if (_peers.Count > 0 && _peers[^1].PublicKey == publicKey)
        {
            _lastAllowedIps.AddRange(allowedIps);
            return;
        }

        _peers.Add(new Peer(publicKey, presharedKey, endpoint, keepalive, handshake, received, sent, allowedIps));
        _lastAllowedIps = allowedIps;
    }

    private static void ReadAllowedIps(AttributeReader prefixes, List<IpPrefix> allowedIps)
    {
        while (prefixes.Read())
        {
            IPAddress? address = null;
            byte length = 0;
            var attributes = prefixes.AsNest;
            while (attributes.Read())
            {
                switch (attributes.Type)
                {
                    case Wg.WGALLOWEDIP_A_IPADDR:
                        address = attributes.AsAddress;
                        break;
                    case Wg.WGALLOWEDIP_A_CIDR_MASK:
                        length = attributes.AsByte;
                        break;
                }
            }

            if (address is null || length > (address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32))
            {
                throw new InvalidDataException($"an allowed IP is {address}/{length}");
            }

            allowedIps.Add(IpPrefix.Containing(address, length));
        }
    }

    private static ReadOnlySpan<byte> Key(ReadOnlySpan<byte> value) =>
        value.Length == Wg.KeyLength ? value : throw new InvalidDataException($"a key has {value.Length} bytes");

    private static bool IsZero(ReadOnlySpan<byte> key) => !key.ContainsAnyExcept((byte)0);

    private static long Count(ulong bytes) => (long)Math.Min(bytes, long.MaxValue);

    private static DateTimeOffset? Time(Timespec time)
    {
        if (time.Seconds < 0 || time.Seconds >= DateTimeOffset.MaxValue.ToUnixTimeSeconds() || time.Nanoseconds is < 0 or >= 1_000_000_000)
        {
            throw new InvalidDataException($"{time.Seconds} s and {time.Nanoseconds} ns are no time");
        }

        return time == default ? null : DateTimeOffset.FromUnixTimeSeconds(time.Seconds).AddTicks(time.Nanoseconds / TimeSpan.NanosecondsPerTick);
    }

    /// <summary>struct __kernel_timespec; zero is never.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Timespec(long Seconds, long Nanoseconds);
}
