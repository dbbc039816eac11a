using Elysium.Backend.Enrollment;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Elysium.Backend.Tests.Enrollment;

/// <summary>What may happen to machines while they wait to be written.</summary>
public sealed class WaitingTests
{
    [Fact]
    public async Task Who_gives_up_before_its_turn_is_no_peer_and_has_used_nothing()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync(uses: 5);
        await using var line = await WaitingLine.HoldAsync(backend);
        using var patience = new CancellationTokenSource();
        await line.OpenAsync(code);
        var machine = new TestMachine("alice");
        var given = await line.AddAsync(machine, code, patience.Token);

        await patience.CancelAsync();
        var outcomes = await line.RunAsync((new TestMachine("bob"), code));

        await Should.ThrowAsync<OperationCanceledException>(given);
        outcomes[0].Refusal.ShouldBeNull();
        await BatchTests.ShouldHoldAsync(backend, peers: 2, used: 2);
        (await machine.EnrollAsync(backend, code)).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task Who_gives_up_in_its_turn_is_a_peer_once_and_finds_itself_when_it_comes_back()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync();
        await using var line = await WaitingLine.HoldAsync(backend);
        using var patience = new CancellationTokenSource();
        var machine = new TestMachine("alice");
        var given = line.Enroll(machine, code, patience.Token);
        await WaitingLine.UntilAsync(() => backend.Services.GetRequiredService<EnrollmentWriters>() is { Count: 1, Waiting: 0 });

        await patience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(given);
        await line.ReleaseAsync();

        (await machine.EnrollAsync(backend, code)).IsSuccessStatusCode.ShouldBeTrue();
        await BatchTests.ShouldHoldAsync(backend, peers: 1, used: 1);
    }

    // The line is in the process; PostgreSQL would let nobody hold it up for as long as a thousand take to come.
    [Fact]
    [Trait(TestEngine.Trait, TestEngine.Sqlite)]
    public async Task A_line_that_is_full_is_told_at_once_and_who_stands_in_it_gets_in()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync(prefix: "10.77.0.0/20");
        var code = await backend.CreateCodeAsync(uses: 5000);
        await using var line = await WaitingLine.HoldAsync(backend);
        await line.OpenAsync(code);
        var waiting = await Task.WhenAll(Enumerable.Range(0, EnrollmentWriters.MostWaiting).Select(n => Task.Run(() => line.AddAsync(new TestMachine($"machine-{n}"), code))));

        var outcome = await line.Enroll(new TestMachine("late"), code);

        outcome.Refusal!.Code.ShouldBe(ProblemCodes.Unavailable);
        await line.ReleaseAsync();
        (await Task.WhenAll(waiting)).ShouldAllBe(o => o.Refusal == null);
        await BatchTests.ShouldHoldAsync(backend, EnrollmentWriters.MostWaiting + 1, EnrollmentWriters.MostWaiting + 1);
    }

    [Fact]
    public async Task A_backend_that_stops_takes_nobody_in_any_more_and_answers_who_waits()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync(uses: 5);
        await using var line = await WaitingLine.HoldAsync(backend);
        var opener = await line.OpenAsync(code);
        var waiting = await line.AddAsync(new TestMachine("alice"), code);

        var stopped = backend.Services.GetRequiredService<EnrollmentWriters>().DisposeAsync();
        var late = await line.Enroll(new TestMachine("late"), code);
        await line.ReleaseAsync();
        await stopped;

        late.Refusal!.Code.ShouldBe(ProblemCodes.Unavailable);
        (await opener).Refusal.ShouldBeNull();
        (await waiting).Refusal.ShouldBeNull();
        await BatchTests.ShouldHoldAsync(backend, peers: 2, used: 2);
    }

    [Fact]
    [Trait(TestEngine.Trait, TestEngine.Sqlite)]
    public async Task A_constraint_that_only_the_database_sees_stops_the_one_and_no_other()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync(uses: 10);

        // As when another backend takes the name after we looked: SQLite, which has one writer, can only be told to say so.
        await backend.QueryAsync(d => d.Database.ExecuteSqlRawAsync(
            "CREATE TRIGGER taken BEFORE INSERT ON peers WHEN NEW.name = 'bob' BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: peers.network_id, peers.name'); END"));
        await using var line = await WaitingLine.HoldAsync(backend);
        await line.OpenAsync(code);

        var outcomes = await line.RunAsync((new TestMachine("alice"), code), (new TestMachine("bob"), code), (new TestMachine("carol"), code));

        outcomes.Select(o => o.Refusal?.Code).ShouldBe([null, ProblemCodes.NameTaken, null]);
        outcomes[1].Refusal!.Detail.ShouldContain("'bob'");
        await BatchTests.ShouldHoldAsync(backend, peers: 3, used: 3);
    }
}
