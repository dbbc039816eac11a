using Elysium.Backend.Enrollment;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Elysium.Backend.Tests.Enrollment;

/// <summary>Machines that are written together.</summary>
public sealed class BatchTests
{
    [Fact]
    public async Task Of_two_hundred_machines_at_once_with_a_code_of_a_hundred_uses_a_hundred_get_in()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync(uses: 100);

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(n => new TestMachine($"machine-{n}").EnrollAsync(backend, code)));

        answers.Count(a => a.IsSuccessStatusCode).ShouldBe(100);
        foreach (var refused in answers.Where(a => !a.IsSuccessStatusCode))
        {
            await refused.ShouldBeProblemAsync(403, ProblemCodes.EnrollmentTokenUsedUp);
        }

        await ShouldHoldAsync(backend, peers: 100, used: 100);
    }

    [Fact]
    public async Task When_fewer_uses_are_left_than_machines_wait_the_first_ones_get_in()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var (code, other) = (await backend.CreateCodeAsync(uses: 3), await backend.CreateCodeAsync(uses: 10));
        await using var line = await WaitingLine.HoldAsync(backend);
        var opener = await line.OpenAsync(code);

        var outcomes = await line.RunAsync((Machine("a"), code), (Machine("b"), other), (Machine("c"), code), (Machine("d"), code), (Machine("e"), other));

        (await opener).Refusal.ShouldBeNull();
        outcomes.Select(o => o.Refusal?.Code).ShouldBe([null, null, null, ProblemCodes.EnrollmentTokenUsedUp, null]);
        outcomes[3].Refusal!.Detail.ShouldContain("3 of 3");
        outcomes.Where(o => o.Refusal is null).Select(o => o.Value.Map.Self.Address).ShouldBe(["10.77.0.3", "10.77.0.4", "10.77.0.5", "10.77.0.6"]);
        await ShouldHoldAsync(backend, peers: 5, used: 5);
    }

    [Fact]
    public async Task A_name_that_is_taken_in_the_middle_hinders_nobody_else()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync(uses: 10);
        await backend.JoinAsync("alice", code);
        await using var line = await WaitingLine.HoldAsync(backend);
        await line.OpenAsync(code);

        var outcomes = await line.RunAsync((Machine("a"), code), (Machine("alice"), code), (Machine("b"), code));

        outcomes.Select(o => o.Refusal?.Code).ShouldBe([null, ProblemCodes.NameTaken, null]);
        outcomes[1].Refusal!.Detail.ShouldContain("'alice'");
        await ShouldHoldAsync(backend, peers: 4, used: 4);
    }

    [Fact]
    public async Task Of_two_that_want_one_name_or_one_WireGuard_key_the_first_gets_it()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync(uses: 10);
        await using var line = await WaitingLine.HoldAsync(backend);
        await line.OpenAsync(code);
        var first = Machine("a");
        var thief = new TestMachine("b") { WireGuardKey = first.WireGuardKey };

        var outcomes = await line.RunAsync((first, code), (Machine("a"), code), (thief, code), (Machine("c"), code));

        outcomes.Select(o => o.Refusal?.Code).ShouldBe([null, ProblemCodes.NameTaken, ProblemCodes.WireGuardKeyInUse, null]);
        await ShouldHoldAsync(backend, peers: 3, used: 3);
    }

    [Fact]
    public async Task A_machine_that_waits_three_times_is_one_peer_and_has_three_certificates_for_it()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync(uses: 10);
        await using var line = await WaitingLine.HoldAsync(backend);
        await line.OpenAsync(code);
        var machine = Machine("a");

        var outcomes = await line.RunAsync((machine, code), (machine, code), (Machine("b"), code), (machine, code));

        var ids = outcomes.Select(o => o.Value.Map.Self.Id).ToList();
        (ids[1], ids[3]).ShouldBe((ids[0], ids[0]));
        foreach (var outcome in new[] { outcomes[0], outcomes[1], outcomes[3] })
        {
            using var certificate = TestPeer.WithKey(outcome.Value.Certificate, machine.Key);
            Pki.Certificates.UriOf(certificate)!.ShouldContain(ids[0].ToString());
        }

        await ShouldHoldAsync(backend, peers: 3, used: 3);
        (await backend.QueryAsync(d => d.Certificates.CountAsync(c => c.PeerId == ids[0]))).ShouldBe(3);
    }

    [Fact]
    public async Task Replays_among_new_ones_get_what_they_had_and_use_nothing()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync(uses: 5);
        var alice = await backend.JoinAsync("alice", code);
        var bob = await backend.JoinAsync("bob", code);
        await using var line = await WaitingLine.HoldAsync(backend);
        await line.OpenAsync(code);

        var outcomes = await line.RunAsync((bob.Machine, code), (Machine("a"), code), (alice.Machine, code), (Machine("b"), code), (Machine("c"), code));

        outcomes[0].Value.Map.Self.ShouldBe(bob.Enrolled.Map.Self);
        outcomes[2].Value.Map.Self.ShouldBe(alice.Enrolled.Map.Self);
        outcomes.Select(o => o.Refusal?.Code).ShouldBe([null, null, null, null, ProblemCodes.EnrollmentTokenUsedUp]);
        await ShouldHoldAsync(backend, peers: 5, used: 5);
    }

    [Fact]
    public async Task A_code_that_is_revoked_while_machines_wait_lets_none_of_them_in_and_another_code_does()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var (revoked, other) = (await backend.CreateCodeAsync(uses: 10), await backend.CreateCodeAsync(uses: 10));
        var alice = await backend.JoinAsync("alice", revoked);
        await using var line = await WaitingLine.HoldAsync(backend, keep: true, async database =>
            (await database.EnrollmentTokens.SingleAsync(t => t.Prefix == revoked.TokenPrefix)).RevokedAt = backend.Clock.GetUtcNow());
        var opener = await line.OpenAsync(revoked);

        var outcomes = await line.RunAsync((Machine("a"), revoked), (Machine("b"), other), (alice.Machine, revoked), (Machine("c"), other));

        (await opener).Refusal!.Code.ShouldBe(ProblemCodes.EnrollmentTokenRevoked);
        outcomes.Select(o => o.Refusal?.Code).ShouldBe([ProblemCodes.EnrollmentTokenRevoked, null, ProblemCodes.EnrollmentTokenRevoked, null]);
        await ShouldHoldAsync(backend, peers: 3, used: 3);
    }

    [Fact]
    public async Task A_network_that_is_deleted_while_machines_wait_has_none_of_them_and_no_writer()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync(uses: 50);
        await using var line = await WaitingLine.HoldAsync(backend, keep: true, async database =>
        {
            // As NetworkDeletion does: tokens first, which a join locks first too.
            await database.EnrollmentTokens.ExecuteUpdateAsync(set => set.SetProperty(t => t.Used, t => t.Used));
            await database.Networks.ExecuteDeleteAsync();
        });
        var opener = await line.OpenAsync(code);

        var outcomes = await line.RunAsync([.. Enumerable.Range(0, 40).Select(n => (Machine($"machine-{n}"), code))]);

        outcomes.Append(await opener).ShouldAllBe(o => o.Refusal!.Code == ProblemCodes.EnrollmentTokenUnknown);
        (await backend.QueryAsync(d => d.Peers.CountAsync())).ShouldBe(0);
        await WaitingLine.UntilAsync(() => backend.Services.GetRequiredService<EnrollmentWriters>().Count == 0);
    }

    [Fact]
    public async Task When_the_network_is_full_the_first_ones_get_the_last_addresses_and_the_rest_use_nothing()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync(prefix: "10.77.0.0/28");
        var code = await backend.CreateCodeAsync(uses: 50);
        await using var line = await WaitingLine.HoldAsync(backend);
        await line.OpenAsync(code);

        var outcomes = await line.RunAsync([.. Enumerable.Range(0, 15).Select(n => (Machine($"machine-{n}"), code))]);

        outcomes.Select(o => o.Refusal?.Code).ShouldBe([.. Enumerable.Repeat<string?>(null, 12), .. Enumerable.Repeat(ProblemCodes.NetworkFull, 3)]);
        outcomes[11].Value.Map.Self.Address.ShouldBe("10.77.0.14");
        await ShouldHoldAsync(backend, peers: 13, used: 13);
        (await backend.QueryAsync(d => d.Networks.SingleAsync())).Cursor.ShouldBe(15);

        // And nobody at all gets in.
        await (await Machine("late").EnrollAsync(backend, code)).ShouldBeProblemAsync(409, ProblemCodes.NetworkFull);
        await ShouldHoldAsync(backend, peers: 13, used: 13);
    }

    [Fact]
    public async Task Never_used_and_rested_addresses_are_handed_out_together_in_their_order()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync(prefix: "10.77.0.0/28");
        var code = await backend.CreateCodeAsync(uses: 50);
        foreach (var number in Enumerable.Range(2, 11))
        {
            await backend.JoinAsync($"machine-{number}", code);
        }

        foreach (var number in new[] { 7, 4 })
        {
            (await backend.Admin.DeleteAsync($"/v1/networks/home/peers/machine-{number}")).IsSuccessStatusCode.ShouldBeTrue();
        }

        backend.Clock.Offset = TimeSpan.FromHours(25);
        (await backend.Admin.DeleteAsync("/v1/networks/home/peers/machine-3")).IsSuccessStatusCode.ShouldBeTrue();
        var fresh = await backend.CreateCodeAsync(uses: 50);
        await using var line = await WaitingLine.HoldAsync(backend);
        await line.OpenAsync(fresh);

        // .14 was never used, .7 and .4 have rested, .3 rests.
        var outcomes = await line.RunAsync((Machine("a"), fresh), (Machine("b"), fresh), (Machine("c"), fresh), (Machine("d"), fresh), (Machine("e"), fresh));

        outcomes.Take(3).Select(o => o.Value.Map.Self.Address).ShouldBe(["10.77.0.14", "10.77.0.7", "10.77.0.4"]);
        outcomes.Skip(3).ShouldAllBe(o => o.Refusal!.Code == ProblemCodes.NetworkFull);
        outcomes[4].Refusal!.Detail.ShouldContain("next one is free at");
        (await backend.QueryAsync(d => d.EnrollmentTokens.SingleAsync(t => t.Prefix == fresh.TokenPrefix))).Used.ShouldBe(4);
        (await backend.QueryAsync(d => d.ReleasedAddresses.CountAsync())).ShouldBe(1);
        (await backend.QueryAsync(d => d.Peers.Select(p => p.Address).Distinct().CountAsync())).ShouldBe(12);
    }

    [Fact]
    public async Task Writers_go_when_nobody_waits()
    {
        await using var backend = await TestBackend.StartAsync();
        var writers = backend.Services.GetRequiredService<EnrollmentWriters>();
        foreach (var number in Enumerable.Range(0, 5))
        {
            await backend.CreateNetworkAsync($"net-{number}", $"10.77.{number}.0/24");
            await backend.JoinAsync("alice", await backend.CreateCodeAsync($"net-{number}"));
        }

        await WaitingLine.UntilAsync(() => writers.Count == 0);
    }

    /// <summary>So many peers with an address each, versions without a gap, token uses and cursor that agree with them.</summary>
    internal static async Task ShouldHoldAsync(TestBackend backend, int peers, int used)
    {
        var addresses = await backend.QueryAsync(d => d.Peers.Select(p => p.Address).ToListAsync());
        addresses.Count.ShouldBe(peers);
        addresses.Select(Convert.ToHexString).Distinct().Count().ShouldBe(peers);
        var network = await backend.QueryAsync(d => d.Networks.SingleAsync());
        network.Version.ShouldBe(peers + 1);
        network.Cursor.ShouldBe(peers + 2);
        (await backend.QueryAsync(d => d.MapChanges.OrderBy(c => c.Version).Select(c => c.Version).ToListAsync())).ShouldBe(Enumerable.Range(2, peers).Select(n => (long)n));
        (await backend.QueryAsync(d => d.MapChanges.Select(c => c.PeerId).Distinct().CountAsync())).ShouldBe(peers);
        (await backend.QueryAsync(d => d.EnrollmentTokens.SumAsync(t => t.Used))).ShouldBe(used);
        (await backend.QueryAsync(d => d.AuditEvents.CountAsync(e => e.Action == "peer.joined"))).ShouldBe(peers);
    }

    private static TestMachine Machine(string name) => new(name);
}
