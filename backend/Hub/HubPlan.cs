using System.Net;
using Elysium.Backend.Database;
using Elysium.Backend.Networks;
using Elysium.Linux;
using Elysium.WireGuard;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Hub;

/// <summary>What the hub's interfaces should be, from the database: one for each network, one WireGuard peer for each peer.</summary>
internal sealed class HubPlan(IDbContextFactory<ElysiumDatabase> databases, KeySealer sealer)
{
    public async Task<IReadOnlyList<InterfaceSpec>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var networks = await database.Networks.AsNoTracking().OrderBy(n => n.InterfaceIndex).ToListAsync(cancellationToken);
        var peers = await database.Peers.AsNoTracking()
            .Select(p => new { p.NetworkId, p.WireGuardPublicKey, p.Address })
            .ToListAsync(cancellationToken);
        var byNetwork = peers.ToLookup(
            p => p.NetworkId,
            p => new PeerSpec(new PublicKey(p.WireGuardPublicKey), [IpPrefix.Of(new IPAddress(p.Address))]));
        return [.. networks.Select(n => Spec(n, [.. byNetwork[n.Id]]))];
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
