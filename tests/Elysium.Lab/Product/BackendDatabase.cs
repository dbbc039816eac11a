using Elysium.Lab.Postgres;

namespace Elysium.Lab.Product;

/// <summary>An installation's database on a private server: a role that owns the schema, and one for every day.</summary>
public static class BackendDatabase
{
    /// <summary>Its name.</summary>
    public const string Name = "elysium";

    private const string Owner = "elysium_owner";
    private const string Everyday = "elysium";

    /// <summary>Makes it, empty, with its roles.</summary>
    /// <returns>What the environment of a backend says to use it.</returns>
    public static async Task<IReadOnlyDictionary<string, string?>> CreateAsync(PostgresServer server, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(server);
        await server.CreateRoleAsync(Owner, server.Password, cancellationToken);
        await server.CreateRoleAsync(Everyday, server.Password, cancellationToken);
        await server.CreateDatabaseAsync(Name, Owner, cancellationToken: cancellationToken);
        return new Dictionary<string, string?>(server.SettingsFor(Name, Everyday))
        {
            ["DB_OWNER_USER"] = Owner,
            ["DB_OWNER_PASSWORD"] = server.Password,
        };
    }
}
