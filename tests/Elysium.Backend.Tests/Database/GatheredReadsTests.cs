using System.Collections.Concurrent;
using Elysium.Backend.Database;

namespace Elysium.Backend.Tests.Database;

/// <summary>Many who look something up at once are few queries; what becomes of one of them is nobody else's trouble.</summary>
public sealed class GatheredReadsTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_thousand_that_come_at_once_are_a_few_queries_two_at_a_time_and_each_gets_its_own_answer()
    {
        var (queries, now, most) = (0, 0, 0);
        await using var reads = new GatheredReads<int, string>(
            async keys =>
            {
                Interlocked.Increment(ref queries);
                InterlockedMax(ref most, Interlocked.Increment(ref now));
                keys.Count.ShouldBeLessThanOrEqualTo(1024);
                await Task.Yield();
                Interlocked.Decrement(ref now);
                return keys.Where(k => k % 10 != 0).ToDictionary(k => k, k => $"{k}");
            },
            TimeProvider.System);

        // All of them wait before the first two are answered, because nobody lets go of this thread.
        var asked = Enumerable.Range(0, 1000).Select(n => reads.FindAsync(n, CancellationToken.None)).ToList();
        var answers = await Task.WhenAll(asked).WaitAsync(Limit);

        answers.ShouldBe(Enumerable.Range(0, 1000).Select(n => n % 10 == 0 ? null : $"{n}"));
        most.ShouldBeLessThanOrEqualTo(2);
        queries.ShouldBeLessThan(500);
    }

    [Fact]
    public async Task One_query_that_hangs_holds_up_only_those_who_are_in_it()
    {
        var hang = new TaskCompletionSource();
        await using var reads = new GatheredReads<int, string>(
            async keys =>
            {
                if (keys.Contains(-1))
                {
                    await hang.Task;
                }

                return keys.ToDictionary(k => k, k => $"{k}");
            },
            TimeProvider.System);
        var hanging = reads.FindAsync(-1, CancellationToken.None);
        await Task.Yield();

        var answers = new ConcurrentBag<string?>();
        for (var n = 1; n <= 3; n++)
        {
            answers.Add(await reads.FindAsync(n, CancellationToken.None).WaitAsync(Limit));
        }

        answers.Count.ShouldBe(3);
        hanging.IsCompleted.ShouldBeFalse();
        hang.SetResult();
        (await hanging).ShouldBe("-1");
    }

    [Fact]
    public async Task Whoever_gives_up_leaves_and_the_query_goes_on_for_the_others()
    {
        var go = new TaskCompletionSource();
        var asked = new ConcurrentQueue<int>();
        await using var reads = new GatheredReads<int, string>(
            async keys =>
            {
                foreach (var key in keys)
                {
                    asked.Enqueue(key);
                }

                await go.Task;
                return keys.ToDictionary(k => k, k => $"{k}");
            },
            TimeProvider.System);
        using var patience = new CancellationTokenSource();
        var first = reads.FindAsync(1, patience.Token);
        var second = reads.FindAsync(2, CancellationToken.None);
        await ReachesAsync(() => asked.Count == 2);
        var waiting = reads.FindAsync(3, patience.Token);
        var last = reads.FindAsync(4, CancellationToken.None);

        await patience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
        await Should.ThrowAsync<OperationCanceledException>(waiting);
        go.SetResult();

        (await second.WaitAsync(Limit)).ShouldBe("2");
        (await last.WaitAsync(Limit)).ShouldBe("4");
        asked.ShouldBe([1, 2, 4], ignoreOrder: true);
    }

    [Fact]
    public async Task An_error_is_told_to_all_who_are_in_the_query_and_to_nobody_after_it()
    {
        var broken = true;
        await using var reads = new GatheredReads<int, string>(
            keys => broken ? throw new InvalidOperationException("broken") : Task.FromResult(keys.ToDictionary(k => k, k => $"{k}")),
            TimeProvider.System);

        foreach (var failed in Enumerable.Range(0, 100).Select(n => reads.FindAsync(n, CancellationToken.None)).ToList())
        {
            (await Should.ThrowAsync<InvalidOperationException>(failed.WaitAsync(Limit))).Message.ShouldBe("broken");
        }

        broken = false;
        (await reads.FindAsync(7, CancellationToken.None).WaitAsync(Limit)).ShouldBe("7");
    }

    private static async Task ReachesAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
        }
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
