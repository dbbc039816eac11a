using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace Elysium.Backend.Database;

/// <summary>What to tell an operator when PostgreSQL does not let us in or not do. Passwords are in none of it.</summary>
internal static class PostgresRefusals
{
    public static string Explain(NpgsqlException exception, DatabaseOptions options, string user)
    {
        var password = options.OwnerUser == user && user != options.User ? "DB_OWNER_PASSWORD" : "DB_PASSWORD";
        return exception switch
        {
            PostgresException { SqlState: PostgresErrorCodes.InvalidPassword } =>
                $"PostgreSQL at {options.Place} refuses '{user}': wrong password, or no such role. Check {password}.",
            PostgresException { SqlState: PostgresErrorCodes.InvalidAuthorizationSpecification } e =>
                $"PostgreSQL at {options.Place} refuses '{user}': {e.MessageText}.",
            PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } =>
                $"PostgreSQL at {options.Place} has no database '{options.Name}': make it (createdb -O '{options.OwnerUser ?? options.User}' '{options.Name}'), or set DB_NAME.",
            PostgresException { SqlState: PostgresErrorCodes.UndefinedObject } e when options.OwnerUser is not null =>
                $"PostgreSQL at {options.Place} cannot give '{options.User}' its rights: {e.MessageText}. Make the role (createuser -P '{options.User}'), or set DB_USER.",
            PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } e =>
                $"PostgreSQL at {options.Place} does not let '{user}' use the database '{options.Name}' ({e.MessageText}). "
                + "Set DB_OWNER_USER and DB_OWNER_PASSWORD to the role that owns the database, or run 'elysium-backend migrate' with them once.",
            PostgresException e => $"PostgreSQL at {options.Place} says: {e.MessageText} ({e.SqlState}).",
            { InnerException: AuthenticationException e } =>
                $"PostgreSQL at {options.Place} does not prove to be the server that DB_SSLROOTCERT and DB_HOST name: {e.Message}",
            { InnerException: SocketException e } => $"PostgreSQL at {options.Place} cannot be reached: {e.Message}.",
            { InnerException: TimeoutException } => $"PostgreSQL at {options.Place} does not answer.",
            { InnerException: { } e } => $"PostgreSQL at {options.Place} cannot be used: {exception.Message} {e.Message}",
            _ => $"PostgreSQL at {options.Place} cannot be used: {exception.Message}",
        };
    }
}
