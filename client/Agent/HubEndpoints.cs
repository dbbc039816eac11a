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
            if (candidates.Count > 1 && _hubs[hub.WireGuardPublicKey].Path.IsIdle(time.GetElapsedTime(_start)))
            {
                Knock(hub.Address);
            }
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

    /// <summary>
    /// Any packet through the tunnel will do: WireGuard itself answers within 10 s, whatever listens there. Only where there is another endpoint to
    /// go to when it does not.
    /// </summary>
    private static void Knock(string hub)
    {
        const int Discard = 9; // RFC 863
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.SendTo([], new IPEndPoint(IPAddress.Parse(hub), Discard));
        }
        catch (Exception e) when (e is SocketException or FormatException)
        {
            // No interface yet, or an earlier refusal told late: the next look knocks again.
        }
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
