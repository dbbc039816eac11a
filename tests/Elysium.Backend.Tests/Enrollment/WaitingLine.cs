using Elysium.Backend.Database;
using Elysium.Backend.Enrollment;
using Elysium.Backend.Hosting;
using Elysium.Backend.Networks;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Elysium.Backend.Tests.Enrollment;

/// <summary>
/// Holds the next transaction of a network up, so that machines come together in the ones after it: somebody else has what it needs. All
/// that a request does is done; only HTTP is left out, so that the order is certain.
/// </summary>
internal sealed class WaitingLine : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly TestBackend _backend;
    private readonly EnrollmentWriters _writers;
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _holding = Task.CompletedTask;

    private WaitingLine(TestBackend backend)
    {
        _backend = backend;
        _writers = backend.Services.GetRequiredService<EnrollmentWriters>();
    }

    /// <summary>By somebody who changes the network and thinks better of it.</summary>
    public static Task<WaitingLine> HoldAsync(TestBackend backend) => HoldAsync(
        backend,
        keep: false,
        async database => (await NetworkVersion.AdvanceAsync(database, await database.Networks.Select(n => n.Id).FirstAsync(), CancellationToken.None)).ShouldNotBeNull());

    /// <summary>By somebody who does this, and commits it at the release or not.</summary>
    public static async Task<WaitingLine> HoldAsync(TestBackend backend, bool keep, Func<ElysiumDatabase, Task> work)
    {
        var line = new WaitingLine(backend);
        line._holding = backend.Services.GetRequiredService<DatabaseWriter>().WriteAsync<bool>(
            async (database, _) =>
            {
                await work(database);
                await database.SaveChangesAsync();
                line._held.TrySetResult();
                await line._release.Task;
                return keep ? true : new Refusal(ProblemCodes.Unavailable, "It was only to hold the others up.");
            },
            CancellationToken.None);
        await Task.WhenAny(line._held.Task, line._holding).WaitAsync(Deadline);
        line._held.Task.IsCompletedSuccessfully.ShouldBeTrue();
        return line;
    }

    /// <summary>A machine whose transaction is the one that is held up. It is in that when this returns.</summary>
    public async Task<Task<Outcome<EnrollResponse>>> OpenAsync(JoinCode code, string name = "opener", CancellationToken abandoned = default)
    {
        var answer = Enroll(new TestMachine(name), code, abandoned);
        await UntilAsync(() => _writers is { Count: 1, Waiting: 0 });
        return answer;
    }

    /// <summary>A machine that waits behind it when this returns.</summary>
    public async Task<Task<Outcome<EnrollResponse>>> AddAsync(TestMachine machine, JoinCode code, CancellationToken abandoned = default)
    {
        var before = _writers.Waiting;
        var answer = Enroll(machine, code, abandoned);
        await UntilAsync(() => _writers.Waiting > before || answer.IsCompleted);
        return answer;
    }

    /// <summary>Machines that wait behind it, in this order; what becomes of each.</summary>
    public async Task<IReadOnlyList<Outcome<EnrollResponse>>> RunAsync(params (TestMachine Machine, JoinCode Code)[] machines)
    {
        var answers = new List<Task<Outcome<EnrollResponse>>>();
        foreach (var (machine, code) in machines)
        {
            answers.Add(await AddAsync(machine, code));
        }

        await ReleaseAsync();
        return await Task.WhenAll(answers).WaitAsync(Deadline);
    }

    public async Task ReleaseAsync()
    {
        _release.TrySetResult();
        await _holding.WaitAsync(Deadline);
    }

    public Task<Outcome<EnrollResponse>> Enroll(TestMachine machine, JoinCode code, CancellationToken abandoned = default) =>
        _backend.Services.GetRequiredService<MachineEnrollment>().RunAsync(System.Security.Cryptography.SHA256.HashData(code.Secret.Span), machine.Request(), abandoned);

    public static async Task UntilAsync(Func<bool> condition)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            TimeProvider.System.GetElapsedTime(begun).ShouldBeLessThan(Deadline);
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync() => await ReleaseAsync();
}
