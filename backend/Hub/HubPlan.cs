using System.Security.Cryptography;
using Elysium.Backend.Database;
using Elysium.Backend.Networks;
using Elysium.Linux;
using Elysium.WireGuard;
using Microsoft.EntityFrameworkCore;
using Peer = Elysium.Backend.Peers.Peer;

namespace Elysium.Backend.Hub;

/// <summary>
/// What the hub's interfaces should be, from the database: one for each network, one WireGuard peer for each peer. When a network's version
/// moved, only the peers that its changes name are read, unless some of the changes are gone. One caller at a time.
/// </summary>
internal sealed class HubPlan(IDbContextFactory<ElysiumDatabase> databases, KeySealer sealer, TimeProvider time)
{
    /// <summary>Above that, everything is read anew.</summary>
    private const int MostChanges = 1000;

    /// <summary>
    /// And once in this time, whatever the versions say: a database that lost its latest commits (a failover, a restored backup) and went on from there
    /// has versions that we knew for something else.
    /// </summary>
    private static readonly TimeSpan AllEvery = TimeSpan.FromMinutes(5);

    private Dictionary<Guid, Known> _last = [];

    public async Task<IReadOnlyList<PlannedInterface>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var networks = await database.Networks.AsNoTracking().OrderBy(n => n.InterfaceIndex).ToListAsync(cancellationToken);
        var last = _last;

        // What is planned is moved on in place: after a failure in the middle of it, everything is read anew.
        _last = [];
        var planned = new Dictionary<Guid, Known>(networks.Count);
        foreach (var network in networks)
        {
            // The version stands before its rows: they may be newer than it says, and then it changes again.
            var known = last.GetValueOrDefault(network.Id);
            planned[network.Id] = known is null or { Interface.Spec: null } || time.GetElapsedTime(known.ReadAt) > AllEvery ? await PlanAsync(database, network, cancellationToken)
                : known.Interface.Version == network.Version ? known
                : await MoveOnAsync(database, network, known, cancellationToken) ?? await PlanAsync(database, network, cancellationToken);
        }

        _last = planned;
        return [.. planned.Values.Select(known => known.Interface)];
    }

    private async Task<Known> PlanAsync(ElysiumDatabase database, Network network, CancellationToken cancellationToken)
    {
        var readAt = time.GetTimestamp();
        var rows = await Read(Peers(database, network)).ToListAsync(cancellationToken);
        var peers = new PlannedPeers();
        rows.ForEach(row => peers.Add(network.Addresses, row));
        IpPrefix[] prefixes = [.. AddressesOf(network).Select(address => address.Prefix)];
        try
        {
            return new Known(new PlannedInterface(network.Id, network.Interface, network.Version, prefixes, Spec(network, peers.Snapshot), null), peers, readAt);
        }
        catch (CryptographicException)
        {
            const string Problem = "its private key cannot be opened with this installation's sealing key; restore the sealing key that belongs to this database";
            return new Known(new PlannedInterface(network.Id, network.Interface, network.Version, prefixes, null, Problem), peers, readAt);
        }
    }

    /// <summary>What is known, and what changed since; null when that cannot be told.</summary>
    private static async Task<Known?> MoveOnAsync(ElysiumDatabase database, Network network, Known known, CancellationToken cancellationToken)
    {
        var steps = network.Version - known.Interface.Version;
        if (steps is < 0 or > MostChanges || known.Interface.Spec is not { } before)
        {
            return null;
        }

        var changes = await database.MapChanges.AsNoTracking()
            .Where(c => c.NetworkId == network.Id && c.Version > known.Interface.Version && c.Version <= network.Version)
            .Select(c => c.PeerId)
            .ToListAsync(cancellationToken);
        if (changes.Count != steps)
        {
            return null;
        }

        var changed = changes.Distinct().ToList();
        var rows = await Read(Peers(database, network).Where(p => changed.Contains(p.Id))).ToListAsync(cancellationToken);
        var (added, removed) = known.Peers.Apply(network.Addresses, changed, rows);
        var spec = before with { Device = before.Device with { Peers = known.Peers.Snapshot } };
        return known with
        {
            Interface = known.Interface with { Version = network.Version, Spec = spec, Change = new PlannedChange(before, added, removed) },
        };
    }

    private static IQueryable<Peer> Peers(ElysiumDatabase database, Network network) => database.Peers.AsNoTracking().Where(p => p.NetworkId == network.Id);

    private static IQueryable<PlannedPeer> Read(IQueryable<Peer> peers) => peers.Select(p => new PlannedPeer(p.Id, p.WireGuardPublicKey, p.Address));

    /// <summary>A prefix's route comes with its address, and does not come back with it; forwarding lets peers reach each other through the hub.</summary>
    private InterfaceSpec Spec(Network network, IReadOnlyList<PeerSpec> peers) => new(
        network.Interface,
        network.Mtu,
        AddressesOf(network),
        [.. AddressesOf(network).Select(address => address.Prefix)],
        new DeviceSpec(new PrivateKey(sealer.Open(network.HubPrivateKeySealed, network.Id)), network.ListenPort, peers),
        Forwarding: true);

    private static InterfaceAddress[] AddressesOf(Network network)
    {
        var address = new InterfaceAddress(network.Addresses.Hub, network.PrefixLength);
        return network is { Prefix6: { } prefix6, Addresses.Hub6: { } hub6 } ? [address, new InterfaceAddress(hub6, prefix6.Length)] : [address];
    }

    private sealed record Known(PlannedInterface Interface, PlannedPeers Peers, long ReadAt);
}
