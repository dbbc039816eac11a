using Elysium.Backend.Database;
using Elysium.Backend.Hub;
using Elysium.Backend.Maps;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Networks;

/// <summary>Networks as operators see them.</summary>
internal sealed class NetworkReader(IDbContextFactory<ElysiumDatabase> databases, MapReader maps, HubStatus hub)
{
    /// <summary>The network of this name, or all of them, by name.</summary>
    public async Task<NetworkResponse[]> ListAsync(string? name, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await database.Networks.AsNoTracking()
            .Where(n => name == null || n.Name == name)
            .OrderBy(n => n.Name)
            .Select(n => new { Network = n, Peers = database.Peers.Count(p => p.NetworkId == n.Id) })
            .ToListAsync(cancellationToken);
        return [.. rows.Select(r => Describe(r.Network, r.Peers))];
    }

    public NetworkResponse Describe(Network network, int peers) => new(
        network.Id,
        network.Name,
        network.Prefix.ToString(),
        network.Interface,
        network.Addresses.Hub.ToString(),
        Convert.ToBase64String(network.HubPublicKey),
        maps.EndpointsOf(network)[0],
        network.ListenPort,
        network.Mtu,
        peers,
        network.Addresses.Capacity,
        network.Version,
        hub.ProblemOf(network.Interface),
        network.CreatedAt,
        network.Prefix6?.ToString(),
        network.Addresses.Hub6?.ToString(),
        maps.EndpointsOf(network));
}
