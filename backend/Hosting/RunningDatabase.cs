using System.Data.Common;
using Elysium.Backend.Database;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Hosting;

/// <summary>A database that a backend may be at: taken as it is, never made and never migrated.</summary>
internal static class RunningDatabase
{
    /// <summary>Why it cannot be used; null: it can.</summary>
    public static async Task<string?> ProblemAsync(DatabaseEngine engine, BackendOptions options)
    {
        // SQLite would make it.
        if (options.Database is null && !File.Exists(DataDirectory.DatabaseIn(options.DataDirectory)))
        {
            return $"There is no database {engine.Name}. Set ELYSIUM_DATA_DIR to the installation's data folder, or DB_HOST to its PostgreSQL server.";
        }

        try
        {
            await using var database = engine.CreateDbContext();
            if (await Schema.NewerAsync(database, CancellationToken.None) is { } newer)
            {
                return $"The database {engine.Name} was made by a newer version of elysium-backend (it has '{newer}'). Run that version.";
            }

            return (await database.Database.GetPendingMigrationsAsync()).Any()
                ? $"The database {engine.Name} does not have this version's schema: start this version's backend once, or run 'elysium-backend migrate'."
                : null;
        }
        catch (Exception e) when (e is DbException or InvalidOperationException { InnerException: DbException })
        {
            return $"The database {engine.Name} cannot be used: {e.Message}";
        }
    }
}
