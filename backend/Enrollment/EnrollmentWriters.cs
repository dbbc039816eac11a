using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Elysium.Backend.Maps;
using Elysium.Backend.Networks;
using Elysium.Contracts;

namespace Elysium.Backend.Enrollment;

/// <summary>
/// One writer a network: whoever comes while it commits waits, and all who wait are the next transaction. So one machine that comes alone is
/// written at once, and a thousand do not queue for the network's row one by one. A writer lives as long as somebody waits for it.
/// </summary>
internal sealed partial class EnrollmentWriters(
    DatabaseWriter writer,
    AddressPool addresses,
    ChangePublisher changes,
    TimeProvider time,
    ILogger<EnrollmentWriters> logger) : IAsyncDisposable
{
    /// <summary>In one transaction.</summary>
    public const int MostTogether = 32;

    /// <summary>For one network. Two seconds of work, so that nobody waits for an answer that comes too late.</summary>
    public const int MostWaiting = 1024;

    private static readonly Refusal Full = new(ProblemCodes.Unavailable, $"{MostWaiting} machines are joining this network right now. Try again in a few seconds.");
    private static readonly Refusal Untold = new(ProblemCodes.Unavailable, "The database did not say whether this machine joined. Try again: the same machine joins once.");
    private static readonly Refusal Stopping = new(ProblemCodes.Unavailable, "The backend is stopping. Try again in a few seconds.");

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, Line> _lines = [];
    private bool _stopping;

    /// <summary>The networks that have a writer at this moment.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _lines.Count;
            }
        }
    }

    /// <summary>The machines that wait for a writer at this moment.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _lines.Values.Sum(line => line.Waiting.Count);
            }
        }
    }

    /// <summary>Why there is no place in a network's line; null if there is one, at this moment.</summary>
    public Refusal? Refuses(Guid network)
    {
        lock (_lock)
        {
            return _stopping ? Stopping : _lines.TryGetValue(network, out var line) && line.Waiting.Count >= MostWaiting ? Full : null;
        }
    }

    /// <summary>Puts a machine in its network's line; null, or why there is no place in it.</summary>
    public Refusal? Hand(PendingEnrollment pending)
    {
        lock (_lock)
        {
            var network = pending.Network.Id;
            if (Refuses(network) is { } refusal)
            {
                return refusal;
            }

            if (_lines.TryGetValue(network, out var line))
            {
                line.Waiting.Add(pending);
                return null;
            }

            line = new Line();
            line.Waiting.Add(pending);
            _lines[network] = line;
            line.Work = Task.Run(() => WorkAsync(network, line));
            return null;
        }
    }

    /// <summary>Takes nobody in any more; who waits is still written and answered.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] work;
        lock (_lock)
        {
            _stopping = true;
            work = [.. _lines.Values.Select(line => line.Work)];
        }

        await Task.WhenAll(work);
    }

    private async Task WorkAsync(Guid network, Line line)
    {
        while (Next(network, line) is { } batch)
        {
            await WriteAsync(network, batch);
        }
    }

    /// <summary>Who is written next; null: nobody waits, and this writer is at its end.</summary>
    private List<PendingEnrollment>? Next(Guid network, Line line)
    {
        lock (_lock)
        {
            var batch = line.Take(MostTogether);
            if (batch.Count > 0)
            {
                return batch;
            }

            _lines.Remove(network);
            return null;
        }
    }

    private async Task WriteAsync(Guid network, IReadOnlyList<PendingEnrollment> batch)
    {
        Outcome<EnrollmentBatch.Result> written;
        try
        {
            // Nobody's patience ends it: others wait for the same commit.
            var now = time.GetUtcNow();
            written = await writer.WriteAsync((database, ct) => EnrollmentBatch.RunAsync(database, addresses, batch, now, ct), CancellationToken.None);
        }
        catch (Exception e)
        {
            LogFailed(batch.Count, network, e);
            foreach (var pending in batch)
            {
                pending.Fail(e);
            }

            return;
        }

        if (written.Refusal is { Code: ProblemCodes.OutcomeUnknown })
        {
            written = Untold;
        }

        if (written.Refusal is { } refusal)
        {
            await RefuseAsync(network, batch, refusal);
            return;
        }

        // Everybody else hears of it, once; replays changed nothing.
        if (written.Value.Version is { } version)
        {
            changes.Publish(new Change(network, version));
        }

        for (var place = 0; place < batch.Count; place++)
        {
            batch[place].Tell(written.Value.Outcomes[place]);
        }
    }

    /// <summary>
    /// Nothing was written, or nobody knows. When a constraint was in the way (another backend was faster) it is not known whose fault it is: each is
    /// tried alone, and who is in the way is refused alone.
    /// </summary>
    private async Task RefuseAsync(Guid network, IReadOnlyList<PendingEnrollment> batch, Refusal refusal)
    {
        if (batch.Count == 1 || refusal.Code == ProblemCodes.Unavailable)
        {
            foreach (var pending in batch)
            {
                pending.Tell(refusal.Code == ProblemCodes.NameTaken ? EnrollmentBatch.NameTaken(pending) : refusal);
            }

            return;
        }

        foreach (var pending in batch)
        {
            await WriteAsync(network, [pending]);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} machines could not be written into network {Network}")]
    private partial void LogFailed(int count, Guid network, Exception exception);

    /// <summary>Who waits for one network, in the order in which they came.</summary>
    private sealed class Line
    {
        public List<PendingEnrollment> Waiting { get; private set; } = [];

        public Task Work { get; set; } = Task.CompletedTask;

        /// <summary>
        /// The next ones, of whom no two want the same key or name: the second waits for the next transaction, in which it finds the first.
        /// </summary>
        public List<PendingEnrollment> Take(int most)
        {
            var taken = new List<PendingEnrollment>(Math.Min(most, Waiting.Count));
            var left = new List<PendingEnrollment>();
            var names = new HashSet<string>(StringComparer.Ordinal);
            var keys = new HashSet<string>(StringComparer.Ordinal);
            foreach (var pending in Waiting)
            {
                if (pending.IsAbandoned)
                {
                    // Its caller's wait has ended by itself.
                    continue;
                }

                if (taken.Count < most && IsNew(pending))
                {
                    taken.Add(pending);
                }
                else
                {
                    left.Add(pending);
                }
            }

            Waiting = left;
            return taken;

            // Whoever has to wait keeps its place before those that would collide with it.
            bool IsNew(PendingEnrollment pending) =>
                names.Add(pending.Name) & keys.Add(Convert.ToHexString(pending.KeyHash)) & keys.Add(Convert.ToHexString(pending.WireGuardKey));
        }
    }
}
