using System.Net.Http.Json;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Tests.Enrollment;

public sealed class ReplayTests
{
    [Fact]
    public async Task The_same_machine_with_the_same_code_is_the_same_peer_even_when_the_code_is_used_up_and_over()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync();
        var first = await backend.JoinAsync("alice", code);
        backend.Clock.Offset = TimeSpan.FromDays(2);

        var answer = await first.Machine.EnrollAsync(backend, code);

        var second = new TestPeer(first.Machine, (await answer.Content.ReadFromJsonAsync(ElysiumJson.Default.EnrollResponse))!);
        second.Enrolled.Map.Self.ShouldBe(first.Enrolled.Map.Self);
        second.Certificate.SerialNumber.ShouldNotBe(first.Certificate.SerialNumber);
        using var client = backend.Client(second.Certificate);
        (await client.GetAsync("/v1/self/map")).IsSuccessStatusCode.ShouldBeTrue();
        (await backend.QueryAsync(d => d.Peers.CountAsync())).ShouldBe(1);
        (await backend.QueryAsync(d => d.EnrollmentTokens.SingleAsync())).Used.ShouldBe(1);
    }

    [Fact]
    public async Task A_machine_that_asks_many_times_at_once_is_one_peer()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync(uses: 20);
        var machine = new TestMachine("alice");

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => machine.EnrollAsync(backend, code)));

        answers.Count(a => a.IsSuccessStatusCode).ShouldBeGreaterThan(0);
        foreach (var refused in answers.Where(a => !a.IsSuccessStatusCode))
        {
            await refused.ShouldBeProblemAsync(503, ProblemCodes.Unavailable);
        }

        (await backend.QueryAsync(d => d.Peers.CountAsync())).ShouldBe(1);
        (await backend.QueryAsync(d => d.EnrollmentTokens.SingleAsync())).Used.ShouldBe(1);
    }

    [Fact]
    public async Task Whoever_knows_the_code_and_a_peers_WireGuard_key_gets_nothing_of_that_peer()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync(uses: 2);
        var alice = await backend.JoinAsync("alice", code);
        var thief = new TestMachine("alice") { WireGuardKey = alice.Machine.WireGuardKey };

        var answer = await thief.EnrollAsync(backend, code);

        var text = await answer.Content.ReadAsStringAsync();
        text.ShouldNotContain(alice.Address);
        text.ShouldNotContain(alice.Id.ToString());
        await answer.ShouldBeProblemAsync(409, ProblemCodes.WireGuardKeyInUse);
        (await backend.QueryAsync(d => d.Certificates.CountAsync())).ShouldBe(1);
        (await backend.QueryAsync(d => d.EnrollmentTokens.SingleAsync())).Used.ShouldBe(1);
    }

    [Fact]
    public async Task The_hubs_own_WireGuard_key_is_in_use()
    {
        await using var backend = await TestBackend.StartAsync();
        var network = await backend.CreateNetworkAsync();
        var machine = new TestMachine("alice");

        var answer = await machine.EnrollAsync(backend, await backend.CreateCodeAsync(), machine.Request() with { WireGuardPublicKey = network.HubPublicKey });

        await answer.ShouldBeProblemAsync(409, ProblemCodes.WireGuardKeyInUse);
    }

    [Fact]
    public async Task The_same_certificate_key_under_another_code_is_no_replay()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");

        var answer = await alice.Machine.EnrollAsync(backend, await backend.CreateCodeAsync());

        await answer.ShouldBeProblemAsync(409, ProblemCodes.CertificateKeyInUse);
    }

    [Fact]
    public async Task A_revoked_code_replays_nothing()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync();
        var alice = await backend.JoinAsync("alice", code);
        (await backend.Admin.DeleteAsync($"/v1/enrollment-tokens/{code.TokenPrefix}")).IsSuccessStatusCode.ShouldBeTrue();

        var answer = await alice.Machine.EnrollAsync(backend, code);

        await answer.ShouldBeProblemAsync(403, ProblemCodes.EnrollmentTokenRevoked);
    }

    [Fact]
    public async Task A_revoked_machine_does_not_come_back_with_its_old_key_and_a_code_that_has_uses_left()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync(uses: 5);
        var alice = await backend.JoinAsync("alice", code);
        (await backend.Admin.DeleteAsync("/v1/networks/home/peers/alice")).IsSuccessStatusCode.ShouldBeTrue();

        var answer = await alice.Machine.EnrollAsync(backend, code);

        await answer.ShouldBeProblemAsync(403, ProblemCodes.PeerRevoked);
        (await backend.QueryAsync(d => d.EnrollmentTokens.SingleAsync())).Used.ShouldBe(1);
    }
}
