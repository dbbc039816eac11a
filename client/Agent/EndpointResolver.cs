using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Elysium.Client.Agent;

/// <summary>
/// Turns hub endpoints into addresses of either family. Names are looked up again every minute; while that fails the last good addresses
/// stay, because a tunnel that works must not depend on DNS.
/// </summary>
internal sealed class EndpointResolver(TimeProvider time, AgentLog log)
{
    private static readonly TimeSpan LookupTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan KeepFor = TimeSpan.FromMinutes(1);

    // At boot the network may come after us.
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, (IReadOnlyList<IPEndPoint> Addresses, long LookedUpAt)> _known = new(StringComparer.Ordinal);

    private readonly Dictionary<string, long> _saidAt = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unanswered = new(StringComparer.Ordinal);

    /// <summary>Best first; empty: unknown now.</summary>
    public async Task<IReadOnlyList<IPEndPoint>> ResolveAsync(string endpoint, CancellationToken cancellation)
    {
        var last = _known.TryGetValue(endpoint, out var known) ? known : ([], 0);
        if (last.LookedUpAt != 0 && time.GetElapsedTime(last.LookedUpAt) < (last.Addresses.Count == 0 && _unanswered.Contains(endpoint) ? RetryAfter : KeepFor))
        {
            return last.Addresses;
        }

        var found = await FindAsync(endpoint, cancellation) ?? last.Addresses;
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
        else if (host.Contains(':', StringComparison.Ordinal))
        {
            // Without brackets nobody can tell where an IPv6 address ends (RFC 3986 §3.2.2).
            return false;
        }

        return isWhole && host.Length > 0;
    }

    private async Task<IReadOnlyList<IPEndPoint>?> FindAsync(string endpoint, CancellationToken cancellation)
    {
        if (!TrySplit(endpoint, out var host, out var port))
        {
            return Unresolved<IPEndPoint>(endpoint, "it is no host:port or [address]:port");
        }

        if (host.Contains('%', StringComparison.Ordinal))
        {
            return Unresolved<IPEndPoint>(endpoint, "a zone names a link of another machine");
        }

        IReadOnlyList<IPAddress>? addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await LookUpAsync(endpoint, host, cancellation);
        if (addresses is null)
        {
            return null;
        }

        // In the order of getaddrinfo, which is RFC 6724's.
        var usable = addresses.Where(static a => !a.IsIPv6LinkLocal).Distinct().Select(a => new IPEndPoint(a, port)).ToList();
        return usable.Count > 0 ? usable : Unresolved<IPEndPoint>(endpoint, "a link-local address is another machine on every link");
    }

    private async Task<IReadOnlyList<IPAddress>?> LookUpAsync(string endpoint, string host, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(LookupTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            var found = await Dns.GetHostAddressesAsync(host, either.Token);
            _unanswered.Remove(endpoint);
            return found;
        }
        catch (SocketException e)
        {
            _unanswered.Add(endpoint);
            return Unresolved<IPAddress>(endpoint, e.Message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            _unanswered.Add(endpoint);
            return Unresolved<IPAddress>(endpoint, $"no answer within {LookupTimeout.TotalSeconds:0} s");
        }
    }

    // Said once a minute, however often it is tried.
    private IReadOnlyList<T>? Unresolved<T>(string endpoint, string why)
    {
        if (!_saidAt.TryGetValue(endpoint, out var said) || time.GetElapsedTime(said) >= KeepFor)
        {
            _saidAt[endpoint] = time.GetTimestamp();
            log.EndpointUnresolved(endpoint, why);
        }

        return null;
    }
}
