using System.Net;

namespace Elysium.Client.Agent;

/// <summary>From a map to the interface that it asks for. Pure.</summary>
internal static class InterfacePlan
{
    /// <summary>
    /// The hub is the interface's only peer, with the prefixes that it relays; the own address stands alone (/32) and the network's
    /// prefix is a route, so that it can be told from what the kernel adds by itself.
    /// </summary>
    /// <param name="map">What the backend says.</param>
    /// <param name="name">Of the interface.</param>
    /// <param name="key">Of this machine.</param>
    /// <param name="endpoints">Addresses of the hubs' endpoints; null: not known now.</param>
    /// <param name="error">What is wrong with the map, when there is no plan.</param>
    public static InterfaceSpec? From(
        NetworkMap map,
        string name,
        PrivateKey key,
        IReadOnlyDictionary<string, IPEndPoint?> endpoints,
        out string? error)
    {
        error = null;
        if (!IpPrefix.TryParse(map.Network.Prefix, out var network))
        {
            error = $"the map's prefix '{map.Network.Prefix}' is none";
            return null;
        }

        if (!IPAddress.TryParse(map.Self.Address, out var address) || !network.Contains(address))
        {
            error = $"the map's address '{map.Self.Address}' is none of {network}";
            return null;
        }

        var peers = new List<PeerSpec>();
        foreach (var hub in map.Hubs)
        {
            if (PeerOf(hub, endpoints.GetValueOrDefault(hub.Endpoint), out error) is not { } peer)
            {
                return null;
            }

            peers.Add(peer);
        }

        return new InterfaceSpec(
            name,
            map.Network.Mtu,
            [new InterfaceAddress(address, IpPrefix.Of(address).Length)],
            [network],
            new DeviceSpec(key, ListenPort: 0, peers));
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
