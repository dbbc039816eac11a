namespace Elysium.WireGuard;

/// <summary>What a WireGuard device does with an update: the semantics of <c>wg_set_device</c> (drivers/net/wireguard/netlink.c).</summary>
internal static class DeviceModel
{
    public static Device Apply(DeviceUpdate update, Device device)
    {
        var privateKey = update.PrivateKey ?? device.PrivateKey;
        var peers = new OrderedDictionary<PublicKey, Peer>();
        var allowed = new Dictionary<PublicKey, OrderedDictionary<IpPrefix, bool>>();
        var owners = new Dictionary<IpPrefix, PublicKey>();
        foreach (var peer in device.Peers)
        {
            peers[peer.PublicKey] = peer;
            allowed[peer.PublicKey] = [];
            Insert(peer.PublicKey, peer.AllowedIps);
        }

        if (update.PrivateKey is { } newKey)
        {
            Drop(newKey.PublicKey);
        }

        foreach (var change in update.Peers)
        {
            Change(change);
        }

        return device with
        {
            PrivateKey = privateKey,
            ListenPort = update.ListenPort ?? device.ListenPort,
            FirewallMark = update.FirewallMark ?? device.FirewallMark,
            Peers = [.. peers.Values.Select(peer => peer with { AllowedIps = [.. allowed[peer.PublicKey].Keys] })],
        };

        void Change(PeerUpdate change)
        {
            var key = change.PublicKey;
            if (change.Remove)
            {
                Drop(key);
                return;
            }

            if (key == privateKey?.PublicKey)
            {
                return;
            }

            if (!peers.TryGetValue(key, out var peer))
            {
                if (change.UpdateOnly)
                {
                    return;
                }

                peer = new Peer(key, null, null, 0, null, 0, 0, []);
                allowed[key] = [];
            }

            if (change.ReplaceAllowedIps)
            {
                Release(key);
            }

            Insert(key, change.AllowedIps ?? []);
            Remove(key, change.RemovedAllowedIps ?? []);
            peers[key] = peer with
            {
                PresharedKey = change.PresharedKey is { } preshared ? (preshared.Equals(PresharedKey.None) ? null : preshared) : peer.PresharedKey,
                Endpoint = change.Endpoint ?? peer.Endpoint,
                PersistentKeepalive = change.PersistentKeepalive ?? peer.PersistentKeepalive,
            };
        }

        void Insert(PublicKey key, IReadOnlyList<IpPrefix> prefixes)
        {
            foreach (var prefix in prefixes)
            {
                if (owners.TryGetValue(prefix, out var owner))
                {
                    allowed[owner].Remove(prefix);
                }

                owners[prefix] = key;
                allowed[key][prefix] = true;
            }
        }

        // As _remove in allowedips.c: what another peer has stays.
        void Remove(PublicKey key, IReadOnlyList<IpPrefix> prefixes)
        {
            foreach (var prefix in prefixes)
            {
                if (allowed[key].Remove(prefix))
                {
                    owners.Remove(prefix);
                }
            }
        }

        void Release(PublicKey key)
        {
            foreach (var prefix in allowed[key].Keys)
            {
                owners.Remove(prefix);
            }

            allowed[key].Clear();
        }

        void Drop(PublicKey key)
        {
            if (peers.Remove(key))
            {
                Release(key);
                allowed.Remove(key);
            }
        }
    }
}
