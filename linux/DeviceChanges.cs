using Elysium.WireGuard;

namespace Elysium.Linux;

/// <summary>Says what an update changes, for logs: one short sentence a change, no secrets.</summary>
internal static class DeviceChanges
{
    private const int LongestList = 5;

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
            Describe(peer.ReplaceAllowedIps ? "allowed IPs replaced by" : "allowed IPs added:", peer.AllowedIps, peer.ReplaceAllowedIps),
            Describe("allowed IPs removed:", peer.RemovedAllowedIps, false),
        ];
        return $"peer {peer.PublicKey}: {string.Join(", ", parts.Where(part => part is not null))}";
    }

    // A peer may have thousands.
    private static string? Describe(string what, IReadOnlyList<IpPrefix>? prefixes, bool evenNone)
    {
        if (prefixes is not { Count: > 0 })
        {
            return evenNone ? $"{what} none" : null;
        }

        var more = prefixes.Count > LongestList ? $" and {prefixes.Count - LongestList} more" : "";
        return $"{what} {string.Join(' ', prefixes.Take(LongestList))}{more}";
    }
}
