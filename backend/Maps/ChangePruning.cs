using Elysium.Backend.Database;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Maps;

/// <summary>
/// Forgets old changes: those older than a week, and all but the latest ten thousand of a network. Whoever comes back with an older version
/// gets a whole map, because the log is then not without a gap.
/// </summary>
internal sealed partial class ChangePruning(IDbContextFactory<ElysiumDatabase> databases, DatabaseWriter writer, TimeProvider time, ILogger<ChangePruning> logger) : BackgroundService
{
    public const long MostVersions = 10_000;

    /// <summary>Rows of one transaction: others wait for it.</summary>
    private const int Batch = 1_000;

    private static readonly TimeSpan Keep = TimeSpan.FromDays(7);
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    /// <summary>One look at every network; gives the number of changes forgotten.</summary>
    public async Task<long> PruneAsync(CancellationToken cancellationToken)
    {
        List<(Guid Id, long Version)> networks;
        await using (var database = await databases.CreateDbContextAsync(cancellationToken))
        {
            var rows = await database.Networks.AsNoTracking().Select(n => new { n.Id, n.Version }).ToListAsync(cancellationToken);
            networks = [.. rows.Select(n => (n.Id, n.Version))];
        }

        var forgotten = 0L;
        foreach (var (id, version) in networks)
        {
            forgotten += await PruneAsync(id, version, cancellationToken);
        }

        return forgotten;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            while (true)
            {
                await Task.Delay(Every, time, stoppingToken);
                try
                {
                    await PruneAsync(stoppingToken);
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    LogFailed(e);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end of the backend.
        }
    }

    private async Task<long> PruneAsync(Guid network, long version, CancellationToken cancellationToken)
    {
        long first;
        long last;
        await using (var database = await databases.CreateDbContextAsync(cancellationToken))
        {
            var cutoff = time.GetUtcNow() - Keep;
            var changes = database.MapChanges.AsNoTracking().Where(c => c.NetworkId == network);
            first = await changes.MinAsync(c => (long?)c.Version, cancellationToken) ?? version;
            var old = await changes.Where(c => c.At < cutoff).MaxAsync(c => (long?)c.Version, cancellationToken) ?? 0;
            last = Math.Max(old, version - MostVersions);
        }

        var forgotten = 0L;
        for (; first <= last; first += Batch)
        {
            // From the oldest on, so that what is left has no gap.
            var to = Math.Min(last, first + Batch - 1);
            var outcome = await writer.WriteAsync<int>(
                async (database, token) => await database.MapChanges.Where(c => c.NetworkId == network && c.Version <= to).ExecuteDeleteAsync(token),
                cancellationToken);
            if (outcome.Refusal is not null)
            {
                break;
            }

            forgotten += outcome.Value;
        }

        return forgotten;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old changes could not be forgotten; tried again in an hour")]
    private partial void LogFailed(Exception exception);
}
