using System.Text;
using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Tests.Database;

public sealed class ResealTests
{
    [Fact]
    public async Task Everything_is_sealed_with_the_first_key_and_the_old_one_can_go()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        await backend.CreateNetworkAsync("other", "10.78.0.0/24");
        var pin = backend.Authority.Pin.ToArray();
        var old = await File.ReadAllTextAsync(backend.Options.SealingKeyPath);
        var @new = SealingKey.NewLine();
        using var both = Write(backend, @new, old);

        (await RunAsync(backend, both)).ShouldBe((3, 0));

        using var alone = Write(backend, @new);
        (await RunAsync(backend, alone)).ShouldBe((3, 0), "again, with nothing but the new key");
        foreach (var network in await backend.QueryAsync(d => d.Networks.ToListAsync()))
        {
            new WireGuard.PrivateKey(alone.Open(network.HubPrivateKeySealed, network.Id)).PublicKey.ToArray().ShouldBe(network.HubPublicKey);
        }

        (await backend.QueryAsync(d => d.AuditEvents.CountAsync(e => e.Action == "keys.resealed"))).ShouldBe(2);
        await backend.RestartAsync();
        backend.Authority.Pin.ToArray().ShouldBe(pin);
    }

    [Fact]
    public async Task When_one_key_does_not_open_none_is_changed_and_it_is_named()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        await backend.CreateNetworkAsync("other", "10.78.0.0/24");
        await backend.QueryAsync(async d =>
        {
            var last = await d.Networks.OrderBy(n => n.Id).LastAsync();
            var blob = last.HubPrivateKeySealed.ToArray();
            blob[^1] ^= 1;
            return await d.Networks.Where(n => n.Id == last.Id).ExecuteUpdateAsync(set => set.SetProperty(n => n.HubPrivateKeySealed, blob));
        });
        var before = await backend.QueryAsync(d => d.Networks.OrderBy(n => n.Id).Select(n => n.HubPrivateKeySealed).ToListAsync());
        using var both = Write(backend, SealingKey.NewLine(), await File.ReadAllTextAsync(backend.Options.SealingKeyPath));

        var refusal = await backend.QueryAsync(async d => (await new Reseal(d, both, TimeProvider.System).RunAsync(CancellationToken.None)).Refusal);

        refusal!.Detail.ShouldStartWith("The private key of network 'other' cannot be opened");
        (await backend.QueryAsync(d => d.Networks.OrderBy(n => n.Id).Select(n => n.HubPrivateKeySealed).ToListAsync())).ShouldBe(before);
    }

    [Fact]
    public async Task A_key_that_is_missing_is_named_with_what_it_sealed()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        using var old = SealingKeyFile.Read(backend.Options.SealingKeyPath).Value;
        using var @new = Write(backend, SealingKey.NewLine());

        var refusal = await backend.QueryAsync(async d => (await new Reseal(d, @new, TimeProvider.System).RunAsync(CancellationToken.None)).Refusal);

        refusal!.Detail.ShouldStartWith($"The private key of network 'home' cannot be opened: it is sealed with key {old.First.Name}, which {backend.Options.SealingKeyPath} does not have");
    }

    private static async Task<(int, int)> RunAsync(TestBackend backend, KeySealer sealer) =>
        await backend.QueryAsync(async d =>
        {
            var outcome = await new Reseal(d, sealer, TimeProvider.System).RunAsync(CancellationToken.None);
            outcome.Refusal?.Detail.ShouldBeNull();
            return outcome.Value;
        });

    private static KeySealer Write(TestBackend backend, params string[] lines)
    {
        DataDirectory.WriteSecret(backend.Options.SealingKeyPath, Encoding.ASCII.GetBytes(string.Join('\n', lines)));
        return SealingKeyFile.Read(backend.Options.SealingKeyPath).Value;
    }
}
