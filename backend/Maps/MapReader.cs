using System.Buffers;
using System.Net;
using System.Text.Json;
using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Elysium.Backend.Networks;
using Elysium.Backend.Peers;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Maps;

/// <summary>
/// Reads what peers are told. The version is always read before the rows: what is told may then be newer than its version says, never
/// older, and replaying the rest on top changes nothing. So no read needs a transaction. Whatever cannot be read is thrown: an error must
/// never become an empty map.
/// </summary>
internal sealed class MapReader : IAsyncDisposable
{
    /// <summary>Whoever lacks more than this is better off with a whole map.</summary>
    public const int MostChanges = 4096;

    /// <summary>Keeps a NAT's mapping open; RFC 4787 asks NATs for at least two minutes, many give 30 s.</summary>
    private const int PersistentKeepalive = 25;

    /// <summary>In the place of the only part of a map that is not shared.</summary>
    private static readonly MapSelf SelfOfNobody = new(Guid.Empty, "", "", "", false);

    private readonly IDbContextFactory<ElysiumDatabase> _databases;
    private readonly BackendOptions _options;
    private readonly GatheredReads<Guid, Membership> _members;

    public MapReader(IDbContextFactory<ElysiumDatabase> databases, BackendOptions options, TimeProvider time)
    {
        (_databases, _options) = (databases, options);
        _members = new GatheredReads<Guid, Membership>(ReadMembersAsync, time);
    }

    public ValueTask DisposeAsync() => _members.DisposeAsync();

    /// <summary>The version of every network.</summary>
    public async Task<Dictionary<Guid, long>> VersionsAsync(CancellationToken cancellationToken)
    {
        await using var database = await _databases.CreateDbContextAsync(cancellationToken);
        return await database.Networks.AsNoTracking().Select(n => new { n.Id, n.Version }).ToDictionaryAsync(n => n.Id, n => n.Version, cancellationToken);
    }

    /// <summary>
    /// The network's version and one of its peers, read as one; null when either is gone. A stream that its network has overtaken asks once it can be cut:
    /// a revocation between the check of its certificate and that moment found nothing to cut, and shows here.
    /// </summary>
    public async Task<Member?> MemberAsync(Guid networkId, Guid peerId, CancellationToken cancellationToken) =>
        await _members.FindAsync(peerId, cancellationToken) is { } found && found.Network.Id == networkId
            ? new Member(found.Network.Version, SelfOf(found.Network, found.Peer))
            : null;

    /// <summary>What all peers of a network share of its whole map, and who they are; null when the network is gone.</summary>
    public async Task<(WholeMap Map, HashSet<Guid> Members)?> SharedAsync(Guid networkId, CancellationToken cancellationToken)
    {
        await using var database = await _databases.CreateDbContextAsync(cancellationToken);
        if (await database.Networks.AsNoTracking().SingleOrDefaultAsync(n => n.Id == networkId, cancellationToken) is not { } network)
        {
            return null;
        }

        var peers = await database.Peers.AsNoTracking().Where(p => p.NetworkId == networkId).OrderBy(p => p.Name).ToListAsync(cancellationToken);
        if (peers.Count == 0)
        {
            throw new InvalidOperationException($"Network {networkId} has no peers, though one of them asks.");
        }

        var map = Map(network, SelfOfNobody, [.. peers.Select(p => Describe(network.Addresses, p))]);
        return (new WholeMap(network.Version, Shared(map)), [.. peers.Select(p => p.Id)]);
    }

    /// <summary>What a peer is told in the answer to its enrolment: the map as of its own insertion.</summary>
    public NetworkMap Map(Network network, Peer self, IReadOnlyList<MapPeer> others) => Map(network, SelfOf(network, self), others);

    /// <summary>
    /// What changed since a version: all of it, or as much as one frame takes. Null when the log does not have it without a gap (it was pruned, or
    /// the version is none of this network's), and when the network is gone.
    /// </summary>
    public async Task<ChangeSet?> ChangesAsync(Guid networkId, long held, CancellationToken cancellationToken)
    {
        await using var database = await _databases.CreateDbContextAsync(cancellationToken);
        var rows = await database.MapChanges.AsNoTracking()
            .Where(c => c.NetworkId == networkId && c.Version > held)
            .OrderBy(c => c.Version)
            .Select(c => new { c.Version, c.PeerId })
            .Take(MostChanges)
            .ToListAsync(cancellationToken);
        if (rows.Count == 0 || rows[^1].Version != held + rows.Count
            || await database.Networks.AsNoTracking().SingleOrDefaultAsync(n => n.Id == networkId, cancellationToken) is not { } network)
        {
            return null;
        }

        // By the ids just read and no others: rows pruned since then would make peers look removed.
        var changed = rows.Select(r => r.PeerId).Distinct().ToArray();
        var present = await database.Peers.AsNoTracking()
            .Where(p => p.NetworkId == networkId && EF.Parameter(changed).Contains(p.Id))
            .OrderBy(p => p.Name)
            .ToListAsync(cancellationToken);
        var removed = changed.Except(present.Select(p => p.Id)).ToList();
        var change = new MapChange(rows[^1].Version, [.. present.Select(p => Describe(network.Addresses, p))], removed);
        return new ChangeSet(new ChangeFrame(held, change.Version, Frame.Event(FeedEvents.Change, change.Version, change, ElysiumJson.Default.MapChange)), removed);
    }

    /// <summary>Where peers reach the network's hub, best first.</summary>
    public IReadOnlyList<string> EndpointsOf(Network network) =>
        [.. _options.HubHosts.Select(host => IPAddress.TryParse(host, out var address)
            ? new IPEndPoint(address, network.ListenPort).ToString()
            : $"{host}:{network.ListenPort}")];

    private async Task<Dictionary<Guid, Membership>> ReadMembersAsync(IReadOnlyCollection<Guid> ids)
    {
        await using var database = await _databases.CreateDbContextAsync();
        return await database.Peers.AsNoTracking()
            .Where(p => EF.Parameter(ids).Contains(p.Id))
            .Join(database.Networks, p => p.NetworkId, n => n.Id, (p, n) => new Membership(p, n))
            .ToDictionaryAsync(m => m.Peer.Id);
    }

    private NetworkMap Map(Network network, MapSelf self, IReadOnlyList<MapPeer> peers) => new(
        network.Version,
        new MapNetwork(network.Id, network.Name, network.Prefix.ToString(), network.Mtu, network.Prefix6?.ToString()),
        self,
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
        [_options.PublicUrl.GetLeftPart(UriPartial.Authority)],
        peers);

    private static MapSelf SelfOf(Network network, Peer peer) => new(
        peer.Id,
        peer.Name,
        peer.IPAddress.ToString(),
        Convert.ToBase64String(peer.WireGuardPublicKey),
        peer.Ephemeral,
        network.Addresses.Beside(peer.IPAddress)?.ToString());

    private static MapPeer Describe(AddressPlan addresses, Peer peer) => new(
        peer.Id,
        peer.Name,
        peer.IPAddress.ToString(),
        Convert.ToBase64String(peer.WireGuardPublicKey),
        peer.Tags,
        addresses.Beside(peer.IPAddress)?.ToString());

    /// <summary>The map without its opening brace and <c>self</c>, which are before it, and with the end of an event, which is white space to JSON.</summary>
    private static byte[] Shared(NetworkMap map)
    {
        var json = new ArrayBufferWriter<byte>(256 * (map.Peers.Count + 4));
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version", map.Version);
            writer.WritePropertyName("network");
            JsonSerializer.Serialize(writer, map.Network, ElysiumJson.Default.MapNetwork);
            writer.WritePropertyName("hubs");
            JsonSerializer.Serialize(writer, map.Hubs, ElysiumJson.Default.IReadOnlyListMapHub);
            writer.WritePropertyName("backends");
            JsonSerializer.Serialize(writer, map.Backends, ElysiumJson.Default.IReadOnlyListString);
            writer.WritePropertyName("peers");
            JsonSerializer.Serialize(writer, map.Peers, ElysiumJson.Default.IReadOnlyListMapPeer);
            writer.WriteEndObject();
        }

        return [.. json.WrittenSpan[1..], (byte)'\n', (byte)'\n'];
    }

    private sealed record Membership(Peer Peer, Network Network);
}

/// <summary>A peer that is in its network at a version.</summary>
internal sealed record Member(long Version, MapSelf Self);

/// <summary>A change, and who is out by it.</summary>
internal sealed record ChangeSet(ChangeFrame Frame, IReadOnlyList<Guid> Removed);
