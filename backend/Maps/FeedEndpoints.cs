using System.Globalization;
using System.Security.Cryptography;
using Elysium.Backend.Access;
using Elysium.Backend.Hosting;
using Elysium.Contracts;

namespace Elysium.Backend.Maps;

/// <summary>What a peer hears of its network: whole on request, and as a stream that resumes where it broke off.</summary>
internal static class FeedEndpoints
{
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(15);

    /// <summary>A stream gets at most one frame in this time, but removals at once.</summary>
    private static readonly TimeSpan Coalesce = TimeSpan.FromMilliseconds(100);

    public static void MapFeed(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/self/map", WholeMap).RequirePeer().Produces<NetworkMap>();
        routes.MapGet("/v1/self/events", Events).RequirePeer().Produces<MapChange>(contentType: EventStream.MediaType);
        routes.MapPost("/v1/self/heartbeat", Heartbeat).RequirePeer();
    }

    private static async Task<IResult> WholeMap(AuthenticatedPeer peer, MapReader maps, CancellationToken cancellationToken) =>
        await maps.WholeAsync(peer.NetworkId, peer.Id, cancellationToken) is { } map
            ? TypedResults.Json(map, ElysiumJson.Default.NetworkMap)
            : Gone(peer).ToResult();

    private static async Task<IResult> Heartbeat(
        HeartbeatRequest heartbeat,
        AuthenticatedPeer peer,
        MapReader maps,
        StreamRegistry streams,
        AgentSessions sessions,
        CancellationToken cancellationToken)
    {
        if (await maps.VersionAsync(peer.NetworkId, peer.Id, cancellationToken) is not { } version)
        {
            return Gone(peer).ToResult();
        }

        streams.Seen(peer.Id);
        sessions.Heard(peer.Id, peer.Name, heartbeat.Session);
        return TypedResults.Json(new HeartbeatResponse(version), ElysiumJson.Default.HeartbeatResponse);
    }

    private static async Task Events(
        HttpContext http,
        AuthenticatedPeer peer,
        MapReader maps,
        Doorbell doorbell,
        StreamRegistry streams,
        TimeProvider time,
        IHostApplicationLifetime lifetime)
    {
        using var lease = streams.Open(peer.Id);

        // A stream ends with its caller, its peer's membership, its certificate, or the backend.
        using var expiry = new CancellationTokenSource(Shortest(peer.CertificateNotAfter - time.GetUtcNow()), time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lease.WhenCut, expiry.Token, lifetime.ApplicationStopping);
        var stream = new EventStream(http.Response);
        stream.Begin();
        try
        {
            var held = await SendFirstAsync(stream, http.Request, peer, maps, ended.Token);
            while (held is { } version)
            {
                held = await SendNextAsync(stream, version, peer, maps, doorbell, time, ended.Token);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            if (lifetime.ApplicationStopping.IsCancellationRequested && !http.RequestAborted.IsCancellationRequested)
            {
                // All agents would come back in the same instant; each is told its own moment.
                await stream.WriteRetryAsync(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(1000, 5000)), http.RequestAborted);
            }
        }
    }

    /// <summary>At once: what the reader lacks, or a ping when it lacks nothing. Gives the version that it then holds.</summary>
    private static async Task<long?> SendFirstAsync(EventStream stream, HttpRequest request, AuthenticatedPeer peer, MapReader maps, CancellationToken cancellationToken)
    {
        if (await maps.VersionAsync(peer.NetworkId, peer.Id, cancellationToken) is not { } version)
        {
            return null;
        }

        // A version that we never had is from before a restored backup: start over.
        if (!long.TryParse(request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var held) || held > version)
        {
            if (await maps.WholeAsync(peer.NetworkId, peer.Id, cancellationToken) is not { } map)
            {
                return null;
            }

            await stream.WriteAsync(FeedEvents.Map, map.Version, map, ElysiumJson.Default.NetworkMap, cancellationToken);
            return map.Version;
        }

        if (held < version)
        {
            return await SendChangeAsync(stream, held, peer, maps, cancellationToken);
        }

        await stream.WriteAsync(FeedEvents.Ping, null, new FeedPing(version), ElysiumJson.Default.FeedPing, cancellationToken);
        return held;
    }

    /// <summary>The next change, no sooner after the last frame than allowed; or a ping when there is none for a while.</summary>
    private static async Task<long?> SendNextAsync(
        EventStream stream,
        long held,
        AuthenticatedPeer peer,
        MapReader maps,
        Doorbell doorbell,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var quiet = time.GetTimestamp();
        if (await WithinAsync(PingEvery, token => doorbell.WaitAsync(peer.NetworkId, held, urgent: false, token), time, cancellationToken))
        {
            // In the middle of a burst, let more of it arrive, unless somebody was removed.
            var wait = Coalesce - time.GetElapsedTime(quiet);
            if (wait > TimeSpan.Zero)
            {
                await WithinAsync(wait, token => doorbell.WaitAsync(peer.NetworkId, held, urgent: true, token), time, cancellationToken);
            }

            return await SendChangeAsync(stream, held, peer, maps, cancellationToken);
        }

        if (await maps.VersionAsync(peer.NetworkId, peer.Id, cancellationToken) is not { } version)
        {
            return null;
        }

        // A ring that was missed, for whatever reason, is made up for here.
        if (version > held)
        {
            return await SendChangeAsync(stream, held, peer, maps, cancellationToken);
        }

        await stream.WriteAsync(FeedEvents.Ping, null, new FeedPing(version), ElysiumJson.Default.FeedPing, cancellationToken);
        return held;
    }

    private static async Task<long?> SendChangeAsync(EventStream stream, long held, AuthenticatedPeer peer, MapReader maps, CancellationToken cancellationToken)
    {
        if (await maps.SinceAsync(peer.NetworkId, peer.Id, held, cancellationToken) is not { } change)
        {
            return null;
        }

        if (change.Version > held)
        {
            await stream.WriteAsync(FeedEvents.Change, change.Version, change, ElysiumJson.Default.MapChange, cancellationToken);
        }

        return change.Version;
    }

    /// <summary>Whether the wait ended by itself within the time.</summary>
    private static async Task<bool> WithinAsync(TimeSpan most, Func<CancellationToken, Task> wait, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(most, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await wait(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Timers take no more than 49 days.</summary>
    private static TimeSpan Shortest(TimeSpan left) => left > TimeSpan.FromDays(40) ? TimeSpan.FromDays(40) : left < TimeSpan.Zero ? TimeSpan.Zero : left;

    private static Refusal Gone(AuthenticatedPeer peer) =>
        new(ProblemCodes.PeerRevoked, $"Peer {peer.Id} was revoked, has left, or its network is gone.");
}
