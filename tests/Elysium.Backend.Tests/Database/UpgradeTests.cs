using System.Net.Http.Json;
using Elysium.Backend.Database;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Elysium.Backend.Tests.Database;

public sealed class UpgradeTests
{
    /// <summary>The oldest version that knew the engine, with the same office in it: alice, bob who was revoked, carol.</summary>
    private static string Oldest => TestEngine.IsPostgres ? "database-0.2.0.postgres.sql" : "database-0.1.0.sql";

    [Fact]
    public async Task A_database_of_an_earlier_version_keeps_its_networks_and_peers_and_takes_dual_stack_ones()
    {
        await using var backend = await TestBackend.StartAsync(dump: Oldest);

        var old = (await backend.Admin.GetFromJsonAsync("/v1/networks/office", ElysiumJson.Default.NetworkResponse))!;
        (old.Prefix, old.Prefix6, old.HubAddress, old.HubAddress6, old.Peers, old.Version).ShouldBe(("10.77.0.0/24", null, "10.77.0.1", null, 2, 5));
        var peers = (await backend.Admin.GetFromJsonAsync("/v1/networks/office/peers", ElysiumJson.Default.ListingPeerResponse))!.Items;
        peers.Select(p => (p.Name, p.Address, p.Address6)).ShouldBe([("alice", "10.77.0.2", null), ("carol", "10.77.0.4", null)]);

        var dave = await backend.JoinAsync("dave", await backend.CreateCodeAsync("office"));
        (dave.Address, dave.Address6).ShouldBe(("10.77.0.5", null));
        dave.Enrolled.Map.Hubs.ShouldHaveSingleItem().AllowedIps.ShouldBe(["10.77.0.0/24"]);

        var both = await backend.CreateNetworkAsync("both", "10.78.0.0/24", "fd12:3456:789a::/64");
        (both.Prefix6, both.Interface).ShouldBe(("fd12:3456:789a::/64", old.Interface == "wg0" ? "wg1" : "wg0"));
    }

    [Fact]
    public async Task A_database_that_was_upgraded_starts_again()
    {
        await using var backend = await TestBackend.StartAsync(dump: Oldest);

        await backend.RestartAsync();

        (await backend.QueryAsync(d => d.Peers.CountAsync())).ShouldBe(2);
    }

    [Fact]
    public async Task The_migrations_make_the_schema_that_the_code_asks_for()
    {
        await using var backend = await TestBackend.StartAsync();
        await using var database = await backend.Services.GetRequiredService<IDbContextFactory<ElysiumDatabase>>().CreateDbContextAsync();

        database.Database.HasPendingModelChanges().ShouldBeFalse();
        (await database.Database.GetPendingMigrationsAsync()).ShouldBeEmpty();
    }
}
