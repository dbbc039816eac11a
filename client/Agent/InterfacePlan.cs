using System.Net;

namespace Elysium.Client.Agent;

/// <summary>From a map to the interface that it asks for. Pure.</summary>
internal static class InterfacePlan
{
    /// <summary>
    /// The hub is the interface's only peer, with the prefixes that it relays; the own addresses stand alone (/32, /128) and the network's
    /// prefixes are routes, so that they can be told from what the kernel adds by itself.
    /// </summary>
    /// <param name="map">What the backend says.</param>
    /// <param name="name">Of the interface.</param>
    /// <param name="key">Of this machine.</param>
    /// <param name="endpoints">Where each hub is, by its key; null: whatever the device has.</param>
    /// <param name="error">What is wrong with the map, when there is no plan.</param>
    public static InterfaceSpec? From(
        NetworkMap map,
        string name,
        PrivateKey key,
        IReadOnlyDictionary<string, IPEndPoint?> endpoints,
        out string? error)
    {
        error = null;
        if (Own(map.Network.Prefix, map.Self.Address, isIPv6: false, out error) is not { } own)
        {
            return null;
        }

        var (prefixes, addresses) = (new List<IpPrefix> { own.Prefix }, new List<InterfaceAddress> { own.Address });
        if (map.Network.Prefix6 is not null || map.Self.Address6 is not null)
        {
            if (Own(map.Network.Prefix6, map.Self.Address6, isIPv6: true, out error) is not { } own6)
            {
                return null;
            }

            prefixes.Add(own6.Prefix);
            addresses.Add(own6.Address);
        }

        var peers = new List<PeerSpec>();
        foreach (var hub in map.Hubs)
        {
            if (PeerOf(hub, endpoints.GetValueOrDefault(hub.WireGuardPublicKey), out error) is not { } peer)
            {
                return null;
            }

            peers.Add(peer);
        }

        return new InterfaceSpec(
            name,
            map.Network.Mtu,
            addresses,
            prefixes,
            new DeviceSpec(key, ListenPort: 0, peers));
    }

    private static (IpPrefix Prefix, InterfaceAddress Address)? Own(string? prefixText, string? addressText, bool isIPv6, out string? error)
    {
        error = null;
        if (!IpPrefix.TryParse(prefixText, out var prefix) || prefix.IsIPv6 != isIPv6)
        {
            error = $"the map's prefix '{prefixText}' is none of IPv{(isIPv6 ? 6 : 4)}";
            return null;
        }

        if (!IPAddress.TryParse(addressText, out var address) || !prefix.Contains(address))
        {
            error = $"the map's address '{addressText}' is none of {prefix}";
            return null;
        }

        return (prefix, new InterfaceAddress(address, IpPrefix.Of(address).Length));
    }

    private static PeerSpec? PeerOf(MapHub hub, IPEndPoint? endpoint, out string? error)
    {
        error = null;
        if (!PublicKey.TryParse(hub.WireGuardPublicKey, out var key))
        {
            error = $"the map's hub key '{hub.WireGuardPublicKey}' is none";
            return null;
        }

        var allowed = new List<IpPrefix>();
        foreach (var text in hub.AllowedIps)
        {
            if (!IpPrefix.TryParse(text, out var prefix))
            {
                error = $"the map's allowed prefix '{text}' is none";
                return null;
            }

            allowed.Add(prefix);
        }

        return new PeerSpec(key, allowed, endpoint, (ushort)Math.Clamp(hub.PersistentKeepalive, 0, ushort.MaxValue));
    }
}
