using Elysium.Backend.Database;
using Elysium.Backend.Maps;
using Elysium.Backend.Networks;
using Elysium.WireGuard;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Elysium.Backend.Tests.Maps;

/// <summary>
/// Changes to a network as another backend makes them: in the database, and nobody here is told. <see cref="Ring"/> tells.
/// </summary>
internal sealed class DirectChanges(TestBackend backend, Guid network)
{
    private byte _last = 100;

    public async Task<(Guid Id, long Version)> JoinAsync(string name, params string[] tags)
    {
        var id = Guid.CreateVersion7(backend.Clock.GetUtcNow());
        var version = await WriteAsync(id, (database, _) =>
        {
            database.Peers.Add(new Backend.Peers.Peer
            {
                Id = id,
                NetworkId = network,
                Name = name,
                WireGuardPublicKey = PrivateKey.Generate().PublicKey.ToArray(),
                Address = [10, 77, 1, ++_last],
                CertificateKeyHash = id.ToByteArray(),
                EnrollmentTokenId = id,
                Ephemeral = false,
                Tags = tags,
                CreatedAt = backend.Clock.GetUtcNow(),
            });
            return Task.CompletedTask;
        });
        return (id, version);
    }

    public Task<long> RemoveAsync(Guid peer) =>
        WriteAsync(peer, (database, token) => database.Peers.Where(p => p.Id == peer).ExecuteDeleteAsync(token));

    public Task<long> RenameAsync(Guid peer, string name) =>
        WriteAsync(peer, (database, token) => database.Peers.Where(p => p.Id == peer).ExecuteUpdateAsync(set => set.SetProperty(p => p.Name, name), token));

    public Task<long> TagAsync(Guid peer, params string[] tags) =>
        WriteAsync(peer, (database, token) => database.Peers.Where(p => p.Id == peer).ExecuteUpdateAsync(set => set.SetProperty(p => p.Tags, tags), token));

    public void Ring(long version, params Guid[] removed) =>
        backend.Services.GetRequiredService<ChangePublisher>().Publish(new Change(network, version) { RemovedPeers = removed });

    /// <summary>Names by id, and the version: what every map must come to.</summary>
    public async Task<(long Version, Dictionary<Guid, string> Names)> TruthAsync() => await backend.QueryAsync(async database =>
        (await database.Networks.Where(n => n.Id == network).Select(n => n.Version).SingleAsync(),
        await database.Peers.Where(p => p.NetworkId == network).ToDictionaryAsync(p => p.Id, p => p.Name)));

    private async Task<long> WriteAsync(Guid peer, Func<ElysiumDatabase, CancellationToken, Task> change)
    {
        var outcome = await backend.Services.GetRequiredService<DatabaseWriter>().WriteAsync<long>(
            async (database, token) =>
            {
                await change(database, token);
                var version = (await NetworkVersion.AdvanceAsync(database, network, token))!.Value;
                database.MapChanges.Add(new MapChangeRow { NetworkId = network, Version = version, PeerId = peer, At = backend.Clock.GetUtcNow() });
                return version;
            },
            CancellationToken.None);
        return outcome.Value;
    }
}
