using System.Net;
using CsCheck;
using Elysium.WireGuard;

namespace Elysium.Tests.WireGuard;

/// <summary>Random wg-quick configurations: every field, often empty.</summary>
internal static class QuickGen
{
    private static readonly Gen<IPAddress> Address = Gen.OneOf(
        Gen.Byte.Array[4].Select(bytes => new IPAddress(bytes)),
        Gen.Byte.Array[16].Select(bytes => new IPAddress(bytes)),
        Any("::", "::1", "fe80::1", "::ffff:192.0.2.1", "0.0.0.0", "2001:db8::1").Select(text => IPAddress.Parse(text)));

    private static readonly Gen<QuickAddress> Own = Gen.Select(Address, Gen.Int[0, 128], (address, length) =>
        new QuickAddress(address, Math.Min(length, address.GetAddressBytes().Length * 8)));

    private static readonly Gen<EndPoint?> Endpoint = Gen.OneOf<EndPoint?>(
        Any<EndPoint?>(null, null),
        Gen.Select(Address, Gen.Int[1, 65535], (address, port) => (EndPoint?)new IPEndPoint(address, port)),
        Gen.Select(Any("vpn.example.org", "a", "xn--bcher-kva.example.", "under_score", "fe80::1%eth0"), Gen.Int[1, 65535], (host, port) =>
            (EndPoint?)new DnsEndPoint(host, port)));

    private static readonly Gen<string> Command = Gen.String[Gen.Char[' ', '\u00ff'], 1, 30]
        .Select(text => text.Trim(" \t\n\v\f\r".ToCharArray()))
        .Where(text => text.Length > 0);

    private static readonly Gen<QuickPeer> Peer = Gen.Select(
        Gen.Byte.Array[32].Where(bytes => bytes.Any(b => b != 0)),
        Gen.Byte.Array[32],
        Own.Select(address => address.Network).Array[0, 5],
        Endpoint,
        Gen.UShort,
        (key, preshared, prefixes, endpoint, keepalive) => new QuickPeer(new PublicKey(key))
        {
            PresharedKey = preshared[0] < 128 ? null : new PresharedKey(preshared),
            AllowedIps = prefixes,
            Endpoint = endpoint,
            PersistentKeepalive = keepalive,
        });

    private static readonly Gen<QuickConfig> Interface = Gen.Select(
        Gen.Byte.Array[32].Where(bytes => bytes.Any(b => b != 0)),
        Gen.UShort,
        Gen.OneOf(Any(0u), Gen.UInt),
        Own.Array[0, 3],
        Address.Array[0, 2],
        Any("example.org", "~.", "~corp.example", "lan").Array[0, 2],
        Gen.OneOf(Any<int?>(null, null), Gen.Int[68, 65535].Select(mtu => (int?)mtu)),
        Gen.OneOf(Any(QuickTable.Auto, QuickTable.Off), Gen.UInt[1, uint.MaxValue].Select(QuickTable.Of)),
        (key, port, mark, addresses, servers, domains, mtu, table) => new QuickConfig
        {
            PrivateKey = key[0] < 64 ? null : new PrivateKey(key),
            ListenPort = port,
            FirewallMark = mark,
            Addresses = addresses,
            DnsServers = servers,
            SearchDomains = domains,
            Mtu = mtu,
            Table = table,
        });

    public static readonly Gen<QuickConfig> Config = Gen.Select(
        Interface,
        Command.Array[0, 2],
        Command.Array[0, 2],
        Command.Array[0, 2],
        Command.Array[0, 2],
        Gen.Bool,
        Peer.Array[0, 4],
        (config, preUp, postUp, preDown, postDown, save, peers) => config with
        {
            PreUp = preUp,
            PostUp = postUp,
            PreDown = preDown,
            PostDown = postDown,
            SaveConfig = save,
            Peers = [.. peers.DistinctBy(peer => peer.PublicKey)],
        });

    public static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
