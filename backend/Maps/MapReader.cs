using System.Net;
using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Elysium.Backend.Networks;
using Elysium.Backend.Peers;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Maps;

/// <summary>
/// Reads what peers are told. The version is always read before the rows: what is told may then be newer than its version says, never
/// older, and replaying the rest on top changes nothing. So no read needs a transaction.
/// </summary>
internal sealed class MapReader(IDbContextFactory<ElysiumDatabase> databases, BackendOptions options)
{
    /// <summary>Keeps a NAT's mapping open; RFC 4787 asks NATs for at least two minutes, many give 30 s.</summary>
    private const int PersistentKeepalive = 25;

    /// <summary>The whole map of one peer; null when the peer or its network is gone.</summary>
    public async Task<NetworkMap?> WholeAsync(Guid networkId, Guid peerId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var network = await database.Networks.AsNoTracking().SingleOrDefaultAsync(n => n.Id == networkId, cancellationToken);
        var peers = await database.Peers.AsNoTracking().Where(p => p.NetworkId == networkId).OrderBy(p => p.Name).ToListAsync(cancellationToken);
        var self = peers.SingleOrDefault(p => p.Id == peerId);
        return network is null || self is null ? null : Map(network, self, [.. peers.Where(p => p != self).Select(Describe)]);
    }

    /// <summary>What a peer is told in the answer to its enrolment: the map as of its own insertion.</summary>
    public NetworkMap Map(Network network, Peer self, IReadOnlyList<MapPeer> others) => new(
        network.Version,
        new MapNetwork(network.Id, network.Name, network.Prefix.ToString(), network.Mtu),
        new MapSelf(self.Id, self.Name, self.IPAddress.ToString(), Convert.ToBase64String(self.WireGuardPublicKey), self.Ephemeral),
        [
            new MapHub(
                Convert.ToBase64String(network.HubPublicKey),
                EndpointOf(network),
                network.Addresses.Hub.ToString(),
                [network.Prefix.ToString()],
                PersistentKeepalive),
        ],
        [options.PublicUrl.GetLeftPart(UriPartial.Authority)],
        others);

    /// <summary>What is different for a peer since the version that it holds; null when the peer or the network is gone.</summary>
    public async Task<MapChange?> SinceAsync(Guid networkId, Guid peerId, long held, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await VersionAsync(database, networkId, peerId, cancellationToken) is not { } version)
        {
            return null;
        }

        var changed = await database.MapChanges.AsNoTracking()
            .Where(c => c.NetworkId == networkId && c.Version > held && c.Version <= version && c.PeerId != peerId)
            .Select(c => c.PeerId)
            .Distinct()
            .ToListAsync(cancellationToken);
        var present = await database.Peers.AsNoTracking()
            .Where(p => p.NetworkId == networkId && changed.Contains(p.Id))
            .OrderBy(p => p.Name)
            .ToListAsync(cancellationToken);
        return new MapChange(version, [.. present.Select(Describe)], [.. changed.Except(present.Select(p => p.Id))]);
    }

    /// <summary>The network's version for one of its peers; null when the peer or the network is gone.</summary>
    public async Task<long?> VersionAsync(Guid networkId, Guid peerId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await VersionAsync(database, networkId, peerId, cancellationToken);
    }

    public string EndpointOf(Network network) =>
        IPAddress.TryParse(options.HubHost, out var address)
            ? new IPEndPoint(address, network.ListenPort).ToString()
            : $"{options.HubHost}:{network.ListenPort}";

    private static MapPeer Describe(Peer peer) =>
        new(peer.Id, peer.Name, peer.IPAddress.ToString(), Convert.ToBase64String(peer.WireGuardPublicKey), peer.Tags);

    /// <summary>
    /// Membership is asked for with every version: a peer that was revoked between the check of its certificate and the opening of its stream
    /// was not there to be cut off, and must not be told anything more.
    /// </summary>
    private static Task<long?> VersionAsync(ElysiumDatabase database, Guid networkId, Guid peerId, CancellationToken cancellationToken) =>
        database.Networks.AsNoTracking()
            .Where(n => n.Id == networkId && database.Peers.Any(p => p.Id == peerId && p.NetworkId == networkId))
            .Select(n => (long?)n.Version)
            .SingleOrDefaultAsync(cancellationToken);
}
