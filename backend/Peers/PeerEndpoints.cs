using Elysium.Backend.Access;
using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Elysium.Backend.Hub;
using Elysium.Backend.Maps;
using Elysium.Backend.Networks;
using Elysium.Contracts;
using Elysium.WireGuard;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Peers;

/// <summary>A network's peers for operators: <c>/v1/networks/{name}/peers</c>. A peer goes by its name or its id.</summary>
internal static class PeerEndpoints
{
    public static void MapPeers(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/networks/{network}/peers", List).RequireApiToken(change: false).Produces<Listing<PeerResponse>>();
        routes.MapGet("/v1/networks/{network}/peers/{peer}", Show).RequireApiToken(change: false).Produces<PeerResponse>();
        routes.MapDelete("/v1/networks/{network}/peers/{peer}", Revoke).RequireApiToken(change: true).Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<IResult> List(
        string network,
        IDbContextFactory<ElysiumDatabase> databases,
        HubStatus hub,
        StreamRegistry streams,
        CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var found = await database.Networks.AsNoTracking().SingleOrDefaultAsync(n => n.Name == network, cancellationToken);
        if (found is null)
        {
            return NetworkEndpoints.NotFound(network).ToResult();
        }

        var peers = await database.Peers.AsNoTracking().Where(p => p.NetworkId == found.Id).OrderBy(p => p.Name).ToListAsync(cancellationToken);
        var described = await DescribeAsync(database, found, peers, hub, streams, cancellationToken);
        return TypedResults.Json(new Listing<PeerResponse>(described), ElysiumJson.Default.ListingPeerResponse);
    }

    private static async Task<IResult> Show(
        string network,
        string peer,
        IDbContextFactory<ElysiumDatabase> databases,
        HubStatus hub,
        StreamRegistry streams,
        CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var found = await FindAsync(database, network, peer, cancellationToken);
        if (found.Refusal is { } refusal)
        {
            return refusal.ToResult();
        }

        var described = await DescribeAsync(database, found.Value.Network, [found.Value.Peer], hub, streams, cancellationToken);
        return TypedResults.Json(described[0], ElysiumJson.Default.PeerResponse);
    }

    private static async Task<IResult> Revoke(
        string network,
        string peer,
        HttpContext http,
        IDbContextFactory<ElysiumDatabase> databases,
        PeerRemoval removal,
        CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var found = await FindAsync(database, network, peer, cancellationToken);
        if (found.Refusal is { } refusal)
        {
            return refusal.ToResult();
        }

        var outcome = await removal.RunAsync(found.Value.Network.Id, found.Value.Peer.Id, http.User.Identity!.Name!, "peer.revoked", cancellationToken);
        return outcome.Refusal is { } no ? no.ToResult() : TypedResults.NoContent();
    }

    private static async Task<Outcome<(Network Network, Peer Peer)>> FindAsync(ElysiumDatabase database, string network, string peer, CancellationToken cancellationToken)
    {
        var foundNetwork = await database.Networks.AsNoTracking().SingleOrDefaultAsync(n => n.Name == network, cancellationToken);
        if (foundNetwork is null)
        {
            return NetworkEndpoints.NotFound(network);
        }

        // An id before a name: a name may look like somebody's id.
        var members = database.Peers.AsNoTracking().Where(p => p.NetworkId == foundNetwork.Id);
        var found = Guid.TryParseExact(peer, "D", out var id) ? await members.SingleOrDefaultAsync(p => p.Id == id, cancellationToken) : null;
        found ??= await members.SingleOrDefaultAsync(p => p.Name == peer, cancellationToken);
        return found is null
            ? new Refusal(ProblemCodes.PeerNotFound, $"There is no peer '{(peer.Length <= DnsLabel.MaxLength ? peer : peer[..DnsLabel.MaxLength] + "…")}' in network '{network}'. 'elysium peer list {network}' shows all.")
            : (foundNetwork, found);
    }

    private static async Task<PeerResponse[]> DescribeAsync(
        ElysiumDatabase database,
        Network network,
        IReadOnlyList<Peer> peers,
        HubStatus hub,
        StreamRegistry streams,
        CancellationToken cancellationToken)
    {
        var certificates = await database.Certificates.AsNoTracking()
            .Where(c => c.NetworkId == network.Id && c.RevokedAt == null)
            .GroupBy(c => c.PeerId)
            .Select(g => new { Peer = g.Key, NotAfter = g.Max(c => c.NotAfter) })
            .ToDictionaryAsync(c => c.Peer, c => c.NotAfter, cancellationToken);
        var (presence, databaseNow) = await PresenceTable.ReadAsync(database, network.Id, cancellationToken);
        var seen = hub.DeviceOf(network.Interface)?.Peers.ToDictionary(p => p.PublicKey) ?? [];
        return [.. peers.Select(p =>
        {
            var atHub = seen.GetValueOrDefault(new PublicKey(p.WireGuardPublicKey));
            var (connected, lastSeen) = PresenceOf(streams.Look(p.Id), presence.GetValueOrDefault(p.Id), databaseNow);
            return new PeerResponse(
                p.Id,
                p.Name,
                p.IPAddress.ToString(),
                Convert.ToBase64String(p.WireGuardPublicKey),
                "active",
                p.Ephemeral,
                p.Tags,
                connected,
                lastSeen,
                atHub?.LastHandshake,
                atHub?.Endpoint?.ToString(),
                atHub?.ReceivedBytes ?? 0,
                atHub?.SentBytes ?? 0,
                certificates.TryGetValue(p.Id, out var notAfter) ? notAfter : null,
                p.CreatedAt,
                network.Addresses.Beside(p.IPAddress)?.ToString());
        })];
    }

    /// <summary>What this backend knows, or the table where another one, or an earlier life of this one, knows more.</summary>
    private static (bool Connected, DateTimeOffset? SeenAt) PresenceOf((bool IsConnected, DateTimeOffset SeenAt, Guid? TellsOf)? here, PeerPresence? row, DateTimeOffset databaseNow)
    {
        var there = row is { Connected: true } && row.StreamId != here?.TellsOf && databaseNow - row.SeenAt < PeerPresence.FreshFor;
        var seenAt = here?.SeenAt is { } seen && !(row?.SeenAt > seen) ? seen : row?.SeenAt;
        return (here is { IsConnected: true } || there, seenAt);
    }
}
