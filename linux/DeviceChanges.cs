using Elysium.WireGuard;

namespace Elysium.Linux;

/// <summary>Says what an update changes, for logs: one short sentence a change, no secrets.</summary>
internal static class DeviceChanges
{
    public static IEnumerable<string> Describe(DeviceUpdate update)
    {
        if (update.PrivateKey is not null)
        {
            yield return "private key set";
        }

        if (update.ListenPort is { } port)
        {
            yield return $"listen port {port}";
        }

        if (update.FirewallMark is { } mark)
        {
            yield return $"firewall mark {mark}";
        }

        foreach (var peer in update.Peers)
        {
            yield return Describe(peer);
        }
    }

    private static string Describe(PeerUpdate peer)
    {
        if (peer.Remove)
        {
            return $"peer {peer.PublicKey} removed";
        }

        if (!peer.UpdateOnly)
        {
            return $"peer {peer.PublicKey} added";
        }

        string?[] parts =
        [
            peer.Endpoint is null ? null : $"endpoint {peer.Endpoint}",
            peer.PersistentKeepalive is null ? null : $"keepalive {peer.PersistentKeepalive}",
            peer.PresharedKey is null ? null : "preshared key",
            peer.AllowedIps is null && !peer.ReplaceAllowedIps ? null : "allowed IPs",
        ];
        return $"peer {peer.PublicKey}: {string.Join(", ", parts.Where(part => part is not null))}";
    }
}
