using Elysium.Backend.Database;

namespace Elysium.Backend.Hosting;

/// <summary>
/// <c>elysium-backend migrate</c>: what every start does to the schema, and nothing else, for installations whose backends do not know the owner's password.
/// </summary>
internal static class MigrateCommand
{
    public static async Task<int> RunAsync(BackendOptions options, TimeProvider time)
    {
        DataDirectory? data = null;
        if (options.Database is null)
        {
            // The file is in the folder, and a backend that runs has its own idea of the schema.
            var taken = DataDirectory.Take(options.DataDirectory);
            if (taken.Refusal is { } notOurs)
            {
                return Verbs.Fail(notOurs.Detail);
            }

            data = taken.Value;
        }

        using (data)
        {
            using var loggers = BackendLogging.Create(options, time);
            await using var database = DatabaseEngine.Open(options, loggers, time);
            if (await database.PrepareAsync(static (_, _) => Task.FromResult<Refusal?>(null), CancellationToken.None) is { } refusal)
            {
                return Verbs.Fail(refusal.Detail);
            }

            Console.WriteLine($"The database {database.Name} has this version's schema.");
            return 0;
        }
    }
}
