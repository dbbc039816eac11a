using System.Globalization;
using Elysium.Backend.Access;
using Elysium.Backend.Hosting;
using Elysium.Contracts;
using Microsoft.Net.Http.Headers;

namespace Elysium.Backend.Maps;

/// <summary>What a peer hears of its network: whole on request, and as a stream that resumes where it broke off.</summary>
internal static class FeedEndpoints
{
    private const string EventsType = "text/event-stream";

    public static void MapFeed(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/self/map", WholeMap).RequirePeer().Produces<NetworkMap>();
        routes.MapGet("/v1/self/events", Events).RequirePeer().Produces<MapChange>(contentType: EventsType);
        routes.MapPost("/v1/self/heartbeat", Heartbeat).RequirePeer();
    }

    private static async Task WholeMap(HttpContext http, AuthenticatedPeer peer, MapReader maps, NetworkFeeds feeds)
    {
        var cancellationToken = http.RequestAborted;
        if (await maps.MemberAsync(peer.NetworkId, peer.Id, cancellationToken) is not { } member
            || await feeds.WholeAsync(peer.NetworkId, member.Version, IsDoubted(http.Request), cancellationToken) is not { } whole)
        {
            await Problems.WriteAsync(http, Gone(peer));
            return;
        }

        var gzip = Begin(http, "application/json; charset=utf-8");
        var head = new Frame(FeedStream.HeadOf(member.Self)).Bytes(gzip);
        var rest = whole.Bytes(gzip);
        http.Response.ContentLength = head.Length + rest.Length;
        await http.Response.Body.WriteAsync(head, cancellationToken);
        await http.Response.Body.WriteAsync(rest, cancellationToken);
    }

    private static IResult Heartbeat(
        HeartbeatRequest heartbeat,
        AuthenticatedPeer peer,
        NetworkFeeds feeds,
        StreamRegistry streams,
        AgentSessions sessions)
    {
        // That the peer is a member was just judged with its certificate.
        streams.Seen(peer.Id);
        sessions.Heard(peer.Id, peer.Name, heartbeat.Session);
        return TypedResults.Json(new HeartbeatResponse(feeds.VersionOf(peer.NetworkId) ?? peer.NetworkVersion), ElysiumJson.Default.HeartbeatResponse);
    }

    private static async Task Events(HttpContext http, AuthenticatedPeer peer, MapReader maps, NetworkFeeds feeds)
    {
        var stream = feeds.Open(http, peer, AcceptsGzip(http.Request));
        try
        {
            // From here on a revocation finds the stream. One before it shows in the network's version, and only then the peer is read again.
            var version = peer.NetworkVersion;
            if (!feeds.Begin(stream, version))
            {
                if (await maps.MemberAsync(peer.NetworkId, peer.Id, http.RequestAborted) is not { } member)
                {
                    await Problems.WriteAsync(http, Gone(peer));
                    return;
                }

                version = member.Version;
            }

            Begin(http, EventsType);
            await stream.RunAsync(version, HeldBy(http.Request));
        }
        finally
        {
            feeds.Close(stream);
        }
    }

    private static bool Begin(HttpContext http, string type)
    {
        var headers = http.Response.Headers;
        http.Response.ContentType = type;
        headers.CacheControl = "no-store";
        headers.Vary = HeaderNames.AcceptEncoding;
        if (!AcceptsGzip(http.Request))
        {
            return false;
        }

        headers.ContentEncoding = "gzip";
        return true;
    }

    private static bool AcceptsGzip(HttpRequest request) =>
        StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var accepted)
        && accepted.Any(a => a.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && a.Quality != 0);

    /// <summary>Whether an agent asks again because it does not believe what it was told: then no copy will do.</summary>
    private static bool IsDoubted(HttpRequest request) => request.Headers.CacheControl.ToString().Contains("no-cache", StringComparison.OrdinalIgnoreCase);

    /// <summary>0, which no map ever had: nothing, or nothing that makes sense.</summary>
    private static long HeldBy(HttpRequest request) =>
        long.TryParse(request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var held) ? held : 0;

    private static Refusal Gone(AuthenticatedPeer peer) =>
        new(ProblemCodes.PeerRevoked, $"Peer {peer.Id} was revoked, has left, or its network is gone.");
}
