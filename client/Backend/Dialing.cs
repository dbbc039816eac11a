using System.Net;
using System.Net.Sockets;

namespace Elysium.Client.Backend;

/// <summary>
/// Connects to the first address of a host that answers. The next one is tried after a quarter of a second, or at once when one fails (RFC 8305 §5):
/// an address family that loses everything must not cost a connection the other would have.
/// </summary>
internal static class Dialing
{
    private static readonly TimeSpan Stagger = TimeSpan.FromMilliseconds(250);

    public static async ValueTask<Stream> ConnectAsync(DnsEndPoint host, TimeProvider time, CancellationToken cancellation)
    {
        var addresses = IPAddress.TryParse(host.Host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host.Host, cancellation);
        return new NetworkStream(await FirstAsync([.. InTurns(addresses).Select(a => new IPEndPoint(a, host.Port))], time, cancellation), ownsSocket: true);
    }

    /// <summary>The families in turns, each in the resolver's order and that of the resolver's first address first (RFC 8305 §4).</summary>
    public static IEnumerable<IPAddress> InTurns(IReadOnlyList<IPAddress> addresses)
    {
        var first = addresses.Where(a => a.AddressFamily == addresses[0].AddressFamily).ToList();
        var second = addresses.Where(a => a.AddressFamily != addresses[0].AddressFamily).ToList();
        for (var i = 0; i < Math.Max(first.Count, second.Count); i++)
        {
            foreach (var family in new[] { first, second })
            {
                if (i < family.Count)
                {
                    yield return family[i];
                }
            }
        }
    }

    public static async Task<Socket> FirstAsync(IReadOnlyList<IPEndPoint> endpoints, TimeProvider time, CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var attempts = new List<Task<Socket>>();
        Exception last = new SocketException((int)SocketError.HostNotFound);
        var next = 0;
        try
        {
            while (true)
            {
                if (next < endpoints.Count)
                {
                    attempts.Add(AttemptAsync(endpoints[next++], over.Token));
                }
                else if (attempts.Count == 0)
                {
                    throw last;
                }

                var patience = next < endpoints.Count ? Task.Delay(Stagger, time, over.Token) : Task.Delay(Timeout.InfiniteTimeSpan, time, over.Token);
                if (await Task.WhenAny([patience, .. attempts]) is Task<Socket> done)
                {
                    attempts.Remove(done);
                    if (done.IsCompletedSuccessfully)
                    {
                        return await done;
                    }

                    last = done.Exception?.InnerException ?? last;
                }

                cancellation.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            await over.CancelAsync();
            foreach (var late in attempts)
            {
                await ((Task)late).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (late.IsCompletedSuccessfully)
                {
                    (await late).Dispose();
                }
            }
        }
    }

    private static async Task<Socket> AttemptAsync(IPEndPoint endpoint, CancellationToken cancellation)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(endpoint, cancellation);
            return socket;
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }
}
