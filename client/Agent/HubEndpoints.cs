using System.Net;
using System.Net.Sockets;

namespace Elysium.Client.Agent;

/// <summary>Where this machine sends what goes to its hubs: looks their names up, and asks the kernel for routes.</summary>
internal sealed class HubEndpoints(TimeProvider time, AgentLog log)
{
    private readonly EndpointResolver _resolver = new(time, log);
    private readonly Dictionary<string, (HubPath Path, IPEndPoint? Told)> _hubs = new(StringComparer.Ordinal);
    private readonly long _start = time.GetTimestamp();
    private Device? _device;

    /// <summary>What the device was at the last look; null: there is none.</summary>
    public void Saw(Device? device) => _device = device;

    /// <summary>The endpoint of each hub, by the hub's key; null: whatever the device has.</summary>
    public async Task<IReadOnlyDictionary<string, IPEndPoint?>> ChooseAsync(NetworkMap map, CancellationToken cancellation)
    {
        var chosen = new Dictionary<string, IPEndPoint?>(StringComparer.Ordinal);
        foreach (var hub in map.Hubs)
        {
            var candidates = new List<IPEndPoint>();
            foreach (var endpoint in hub.Endpoints is { Count: > 0 } all ? all : [hub.Endpoint])
            {
                candidates.AddRange(await _resolver.ResolveAsync(endpoint, cancellation));
            }

            chosen[hub.WireGuardPublicKey] = Choose(hub.WireGuardPublicKey, candidates);
        }

        return chosen;
    }

    private IPEndPoint? Choose(string key, List<IPEndPoint> candidates)
    {
        var (path, told) = _hubs.TryGetValue(key, out var known) ? known : (new HubPath(), null);
        var seen = _device?.Peers.FirstOrDefault(p => p.PublicKey.ToString() == key);
        var endpoint = path.Choose(candidates, HasRoute, seen, time.GetElapsedTime(_start));
        if (endpoint is not null && told is not null && !endpoint.Equals(told))
        {
            log.HubElsewhere(endpoint, told);
        }

        _hubs[key] = (path, endpoint ?? told);
        return endpoint;
    }

    /// <summary>Connecting a datagram socket sends nothing: it asks the kernel for a route and a source address (connect(2), ip(7)).</summary>
    private static bool HasRoute(IPEndPoint endpoint)
    {
        try
        {
            using var socket = new Socket(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(endpoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
