using System.Net;
using System.Security.Cryptography;
using Elysium.Backend.Database;
using Elysium.Backend.Networks;
using Elysium.Linux;
using Elysium.WireGuard;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Hub;

/// <summary>
/// What the hub's interfaces should be, from the database: one for each network, one WireGuard peer for each peer. Peers of a network
/// are read again only when its version has changed. One caller at a time.
/// </summary>
internal sealed class HubPlan(IDbContextFactory<ElysiumDatabase> databases, KeySealer sealer)
{
    private Dictionary<Guid, PlannedInterface> _last = [];

    public async Task<IReadOnlyList<PlannedInterface>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var networks = await database.Networks.AsNoTracking().OrderBy(n => n.InterfaceIndex).ToListAsync(cancellationToken);
        var planned = new Dictionary<Guid, PlannedInterface>(networks.Count);
        foreach (var network in networks)
        {
            // The version stands before its rows: they may be newer than it says, and then it changes again.
            planned[network.Id] = _last.TryGetValue(network.Id, out var known) && known.Version == network.Version
                ? known
                : await PlanAsync(database, network, cancellationToken);
        }

        _last = planned;
        return [.. planned.Values];
    }

    private async Task<PlannedInterface> PlanAsync(ElysiumDatabase database, Network network, CancellationToken cancellationToken)
    {
        var peers = await database.Peers.AsNoTracking()
            .Where(p => p.NetworkId == network.Id)
            .Select(p => new { p.WireGuardPublicKey, p.Address })
            .ToListAsync(cancellationToken);
        try
        {
            var spec = Spec(network, [.. peers.Select(p => new PeerSpec(new PublicKey(p.WireGuardPublicKey), [IpPrefix.Of(new IPAddress(p.Address))]))]);
            return new PlannedInterface(network.Id, network.Interface, network.Version, spec, null);
        }
        catch (CryptographicException)
        {
            return new PlannedInterface(
                network.Id,
                network.Interface,
                network.Version,
                null,
                "its private key cannot be opened with this installation's sealing key; restore the sealing key that belongs to this database");
        }
    }

    /// <summary>The prefix's route comes with the address; forwarding lets peers reach each other through the hub.</summary>
    private InterfaceSpec Spec(Network network, IReadOnlyList<PeerSpec> peers) => new(
        network.Interface,
        network.Mtu,
        [new InterfaceAddress(network.Addresses.Hub, network.PrefixLength)],
        [],
        new DeviceSpec(new PrivateKey(sealer.Open(network.HubPrivateKeySealed, network.Id)), network.ListenPort, peers),
        Forwarding: true);
}

/// <summary>What one interface should be, or why nobody can tell.</summary>
internal sealed record PlannedInterface(Guid NetworkId, string Name, long Version, InterfaceSpec? Spec, string? Problem);
