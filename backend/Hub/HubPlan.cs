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
        IpPrefix[] prefixes = [.. AddressesOf(network).Select(address => address.Prefix)];
        try
        {
            var spec = Spec(network, [.. peers.Select(p => PeerOf(network.Addresses, p.WireGuardPublicKey, new IPAddress(p.Address)))]);
            return new PlannedInterface(network.Id, network.Interface, network.Version, prefixes, spec, null);
        }
        catch (CryptographicException e)
        {
            return new PlannedInterface(
                network.Id,
                network.Interface,
                network.Version,
                prefixes,
                null,
                $"its private key cannot be opened: {e.Message}");
        }
    }

    private static PeerSpec PeerOf(AddressPlan addresses, byte[] key, IPAddress address) => new(
        new PublicKey(key),
        addresses.Beside(address) is { } address6 ? [IpPrefix.Of(address), IpPrefix.Of(address6)] : [IpPrefix.Of(address)]);

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
}

/// <summary>What one interface should be, or why nobody can tell.</summary>
internal sealed record PlannedInterface(Guid NetworkId, string Name, long Version, IReadOnlyList<IpPrefix> Prefixes, InterfaceSpec? Spec, string? Problem);
