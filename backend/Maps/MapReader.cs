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
        return network is null || self is null ? null : Map(network, self, [.. peers.Where(p => p != self).Select(p => Describe(network.Addresses, p))]);
    }

    /// <summary>What a peer is told in the answer to its enrolment: the map as of its own insertion.</summary>
    public NetworkMap Map(Network network, Peer self, IReadOnlyList<MapPeer> others) => new(
        network.Version,
        new MapNetwork(network.Id, network.Name, network.Prefix.ToString(), network.Mtu, network.Prefix6?.ToString()),
        new MapSelf(
            self.Id,
            self.Name,
            self.IPAddress.ToString(),
            Convert.ToBase64String(self.WireGuardPublicKey),
            self.Ephemeral,
            network.Addresses.Beside(self.IPAddress)?.ToString()),
        [
            new MapHub(
                Convert.ToBase64String(network.HubPublicKey),
                EndpointsOf(network)[0],
                network.Addresses.Hub.ToString(),
                [.. network.Prefixes.Select(p => p.ToString())],
                PersistentKeepalive,
                network.Addresses.Hub6?.ToString(),
                EndpointsOf(network)),
        ],
        [options.PublicUrl.GetLeftPart(UriPartial.Authority)],
        others);

    /// <summary>What is different for a peer since the version that it holds; null when the peer or the network is gone.</summary>
    public async Task<MapChange?> SinceAsync(Guid networkId, Guid peerId, long held, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await Membership(database, networkId, peerId).SingleOrDefaultAsync(cancellationToken) is not { Version: var version } network)
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
        return new MapChange(version, [.. present.Select(p => Describe(network.Addresses, p))], [.. changed.Except(present.Select(p => p.Id))]);
    }

    /// <summary>The network's version for one of its peers; null when the peer or the network is gone.</summary>
    public async Task<long?> VersionAsync(Guid networkId, Guid peerId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await Membership(database, networkId, peerId).Select(n => (long?)n.Version).SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>Where peers reach the network's hub, best first.</summary>
    public IReadOnlyList<string> EndpointsOf(Network network) =>
        [.. options.HubHosts.Select(host => IPAddress.TryParse(host, out var address)
            ? new IPEndPoint(address, network.ListenPort).ToString()
            : $"{host}:{network.ListenPort}")];

    private static MapPeer Describe(AddressPlan addresses, Peer peer) => new(
        peer.Id,
        peer.Name,
        peer.IPAddress.ToString(),
        Convert.ToBase64String(peer.WireGuardPublicKey),
        peer.Tags,
        addresses.Beside(peer.IPAddress)?.ToString());

    /// <summary>
    /// Membership is asked for with every version: a peer that was revoked between the check of its certificate and the opening of its stream
    /// was not there to be cut off, and must not be told anything more.
    /// </summary>
    private static IQueryable<Network> Membership(ElysiumDatabase database, Guid networkId, Guid peerId) =>
        database.Networks.AsNoTracking().Where(n => n.Id == networkId && database.Peers.Any(p => p.Id == peerId && p.NetworkId == networkId));
}
