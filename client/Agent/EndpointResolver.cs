using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Elysium.Client.Agent;

/// <summary>
/// Turns hub endpoints into addresses. Names are looked up again every minute; while that fails the last good address stays, because
/// a tunnel that works must not depend on DNS.
/// </summary>
internal sealed class EndpointResolver(TimeProvider time, AgentLog log)
{
    private static readonly TimeSpan LookupTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan KeepFor = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, (IPEndPoint? Address, long LookedUpAt)> _known = new(StringComparer.Ordinal);

    /// <summary>Null: unknown now; WireGuard keeps what it has.</summary>
    public async Task<IPEndPoint?> ResolveAsync(string endpoint, CancellationToken cancellation)
    {
        if (!TrySplit(endpoint, out var host, out var port))
        {
            log.EndpointUnresolved(endpoint, "it is no host:port");
            return null;
        }

        if (IPAddress.TryParse(host, out var address))
        {
            return new IPEndPoint(address, port);
        }

        var last = _known.GetValueOrDefault(endpoint);
        if (last.LookedUpAt != 0 && time.GetElapsedTime(last.LookedUpAt) < KeepFor)
        {
            return last.Address;
        }

        var found = await LookUpAsync(endpoint, host, port, cancellation) ?? last.Address;
        _known[endpoint] = (found, time.GetTimestamp());
        return found;
    }

    internal static bool TrySplit(string endpoint, out string host, out ushort port)
    {
        var colon = endpoint.LastIndexOf(':');
        host = colon > 0 ? endpoint[..colon] : "";
        port = 0;
        var isWhole = colon > 0 && ushort.TryParse(endpoint.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port > 0;
        if (host is ['[', .. var inner, ']'])
        {
            host = inner;
        }

        return isWhole && host.Length > 0;
    }

    private async Task<IPEndPoint?> LookUpAsync(string endpoint, string host, int port, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(LookupTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(host, either.Token);
            var first = addresses.FirstOrDefault(static a => a.AddressFamily == AddressFamily.InterNetwork) ?? addresses.FirstOrDefault();
            return first is null ? null : new IPEndPoint(first, port);
        }
        catch (SocketException e)
        {
            log.EndpointUnresolved(endpoint, e.Message);
            return null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            log.EndpointUnresolved(endpoint, $"no answer within {LookupTimeout.TotalSeconds:0} s");
            return null;
        }
    }
}
