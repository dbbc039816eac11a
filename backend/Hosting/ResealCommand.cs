using System.Data.Common;
using Elysium.Backend.Database;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Hosting;

/// <summary><c>elysium-backend reseal</c>: seals every private key in the database with the first sealing key. Backends may run meanwhile, if they have that key.</summary>
internal static class ResealCommand
{
    public static async Task<int> RunAsync(BackendOptions options, TimeProvider time)
    {
        var keys = SealingKeyFile.Read(options.SealingKeyPath);
        if (keys.Refusal is { } noKeys)
        {
            return Verbs.Fail(noKeys.Detail);
        }

        using var sealer = keys.Value;
        using var loggers = BackendLogging.Create(options, time);
        await using var engine = DatabaseEngine.Open(options, loggers, time);
        if (await RunningDatabase.ProblemAsync(engine, options) is { } problem)
        {
            return Verbs.Fail(problem);
        }

        try
        {
            await using var database = engine.CreateDbContext();
            var outcome = await new Reseal(database, sealer, time).RunAsync(CancellationToken.None);
            if (outcome.Refusal is { } refusal)
            {
                return Verbs.Fail(refusal.Detail);
            }

            var (done, left) = outcome.Value;
            Console.WriteLine($"{done} private keys are sealed with key {sealer.First.Name}, the first of {sealer.Source}.");
            if (left > 0)
            {
                return Verbs.Fail($"{left} more were sealed with another key meanwhile: a backend has not been restarted with the new file. Restart it, and run this again.");
            }

            Console.WriteLine("The other keys are not needed any more: their lines can be removed, except for what is in backups and exports.");
            return 0;
        }
        catch (Exception e) when (e is DbException or DbUpdateException or InvalidOperationException { InnerException: DbException })
        {
            return Verbs.Fail($"Perhaps nothing was resealed: {e.GetBaseException().Message} Run it again, which is harmless.");
        }
    }
}
