using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Database;

/// <summary>What the database's schema is, compared with what this program knows.</summary>
internal static class Schema
{
    /// <summary>A migration of the database that this version does not know: a newer one made it.</summary>
    public static async Task<string?> NewerAsync(ElysiumDatabase database, CancellationToken cancellationToken) =>
        (await database.Database.GetAppliedMigrationsAsync(cancellationToken)).Except(database.Database.GetMigrations()).LastOrDefault();

    /// <summary>The tables, as the model names them.</summary>
    public static IEnumerable<string> Tables(ElysiumDatabase database) =>
        database.Model.GetEntityTypes().Select(e => e.GetTableName()).OfType<string>().Distinct().Order();
}
