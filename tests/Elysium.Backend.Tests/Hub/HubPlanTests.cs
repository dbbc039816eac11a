using Elysium.Backend.Database;
using Elysium.Backend.Hub;
using Elysium.WireGuard;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Elysium.Backend.Tests.Hub;

public sealed class HubPlanTests
{
    [Fact]
    public async Task What_changed_is_read_and_leads_to_what_reading_everything_does()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync(uses: 100);
        var plan = Plan(backend);
        var first = await OnlyAsync(plan);
        first.Change.ShouldBeNull();

        var alice = await backend.JoinAsync("alice", code);
        var bob = await backend.JoinAsync("bob", code);
        var joined = await OnlyAsync(plan);
        joined.Change!.From.ShouldBeSameAs(first.Spec);
        joined.Change.Added.Select(p => p.PublicKey).ShouldBe([Key(alice), Key(bob)], ignoreOrder: true);
        joined.Change.Removed.ShouldBeEmpty();

        await LeaveAsync(backend, "alice");
        await backend.JoinAsync("carol", code);
        await backend.JoinAsync("guest", code);
        await LeaveAsync(backend, "guest");
        var left = await OnlyAsync(plan);
        left.Change!.From.ShouldBeSameAs(joined.Spec);
        left.Change.Removed.ShouldBe([Key(alice)]);
        left.Change.Added.ShouldHaveSingleItem();
        joined.Spec!.Device.Peers.Count.ShouldBe(2);

        await ShouldBeAsReadAnewAsync(backend, left);
        (await OnlyAsync(plan)).ShouldBeSameAs(left);
    }

    [Fact]
    public async Task A_key_that_comes_back_with_another_peer_is_gone_and_there()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync(uses: 100);
        var alice = await backend.JoinAsync("alice", code);
        var plan = Plan(backend);
        await OnlyAsync(plan);

        await LeaveAsync(backend, "alice");
        (await new TestMachine("again") { WireGuardKey = alice.Machine.WireGuardKey }.EnrollAsync(backend, code)).IsSuccessStatusCode.ShouldBeTrue();
        var after = await OnlyAsync(plan);

        after.Change!.Removed.ShouldBe([Key(alice)]);
        after.Change.Added.ShouldHaveSingleItem().AllowedIps.ShouldBe([IpPrefix.Parse("10.77.0.3/32")]);
        await ShouldBeAsReadAnewAsync(backend, after);
    }

    [Fact]
    public async Task A_history_that_lost_a_peer_without_a_change_is_noticed_after_a_while()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        await backend.JoinAsync("alice");
        var plan = Plan(backend);
        (await OnlyAsync(plan)).Spec!.Device.Peers.ShouldHaveSingleItem();

        // As after a failover that lost the latest commits, and others that made up for their number.
        await backend.QueryAsync(database => database.Peers.ExecuteDeleteAsync());
        (await OnlyAsync(plan)).Spec!.Device.Peers.ShouldHaveSingleItem();
        backend.Clock.Offset += TimeSpan.FromMinutes(6);

        (await OnlyAsync(plan)).Spec!.Device.Peers.ShouldBeEmpty();
    }

    [Fact]
    public async Task When_changes_are_gone_everything_is_read_anew()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync(uses: 100);
        var plan = Plan(backend);
        await OnlyAsync(plan);
        await backend.JoinAsync("alice", code);
        await backend.JoinAsync("bob", code);
        await LeaveAsync(backend, "alice");

        await backend.QueryAsync(d => d.MapChanges.Where(c => c.Version == 3).ExecuteDeleteAsync());
        var after = await OnlyAsync(plan);

        after.Change.ShouldBeNull();
        after.Spec!.Device.Peers.ShouldHaveSingleItem().AllowedIps.ShouldBe([IpPrefix.Parse("10.77.0.3/32")]);
        await ShouldBeAsReadAnewAsync(backend, after);
    }

    [Fact]
    public async Task A_reading_that_fails_in_the_middle_loses_nothing()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var plan = Plan(backend);
        await OnlyAsync(plan);
        await backend.JoinAsync("alice");
        await Should.ThrowAsync<OperationCanceledException>(plan.ReadAsync(new CancellationToken(canceled: true)));

        var after = await OnlyAsync(plan);

        after.Spec!.Device.Peers.ShouldHaveSingleItem();
        await ShouldBeAsReadAnewAsync(backend, after);
    }

    [Fact]
    public void An_interface_that_is_looked_at_seldom_takes_all_steps_at_once()
    {
        var wanted = new WantedInterface();
        var (a, b, c) = (Peer(1), Peer(2), Peer(3));
        var first = Planned([a], null);
        var second = Planned([a, b], new PlannedChange(first.Spec!, [b], []));
        var third = Planned([b, c], new PlannedChange(second.Spec!, [c], [a.PublicKey]));
        var fourth = Planned([c], new PlannedChange(third.Spec!, [], [b.PublicKey]));

        wanted.Set(first).ShouldBe((true, false));
        wanted.Take().Peers.ShouldBeNull();
        wanted.Set(second).ShouldBe((true, false));
        wanted.Set(third).ShouldBe((true, true));
        wanted.Set(fourth).ShouldBe((true, true));
        wanted.Set(fourth).ShouldBe((false, false));

        var steps = wanted.Take();
        steps.From.ShouldBeSameAs(first.Spec);
        steps.Peers.ShouldNotBeNull().ToDictionary().ShouldBe(new Dictionary<PublicKey, PeerSpec?> { [a.PublicKey] = null, [b.PublicKey] = null, [c.PublicKey] = c }, ignoreOrder: true);

        // One that follows from something else is not a step.
        wanted.Set(Planned([b], new PlannedChange(first.Spec!, [b], [a.PublicKey]))).ShouldBe((true, true));
        wanted.Take().Peers.ShouldBeNull();
        wanted.Set(null).ShouldBe((true, true));
        wanted.Take().Wanted.ShouldBeNull();
    }

    private static PlannedInterface Planned(PeerSpec[] peers, PlannedChange? change) =>
        new(Guid.Empty, "wg0", 1, [], new("wg0", 1420, [], [], new DeviceSpec(PrivateKey.Generate(), 51820, peers)), null) { Change = change };

    private static PeerSpec Peer(byte number) => new(new PublicKey([number, .. new byte[31]]), []);

    private static HubPlan Plan(TestBackend backend) =>
        new(backend.Services.GetRequiredService<IDbContextFactory<ElysiumDatabase>>(), backend.Services.GetRequiredService<KeySealer>(), backend.Clock);

    private static async Task<PlannedInterface> OnlyAsync(HubPlan plan) => (await plan.ReadAsync(CancellationToken.None)).ShouldHaveSingleItem();

    private static async Task ShouldBeAsReadAnewAsync(TestBackend backend, PlannedInterface planned)
    {
        var anew = await OnlyAsync(Plan(backend));
        planned.Version.ShouldBe(anew.Version);
        Told(planned).ShouldBe(Told(anew));
    }

    private static List<string> Told(PlannedInterface planned) =>
        [.. planned.Spec!.Device.Peers.Select(p => $"{p.PublicKey} {string.Join(' ', p.AllowedIps)}").Order(StringComparer.Ordinal)];

    private static PublicKey Key(TestPeer peer) => peer.Machine.WireGuardKey.PublicKey;

    private static async Task LeaveAsync(TestBackend backend, string name) =>
        (await backend.Admin.DeleteAsync($"/v1/networks/home/peers/{name}")).IsSuccessStatusCode.ShouldBeTrue();
}
