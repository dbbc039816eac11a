using Elysium.Backend.Audit;
using Elysium.Backend.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace Elysium.Backend.Database;

/// <summary>
/// Makes the database ready, under an advisory lock that ends with its connection, however that ends: schema as the owner, rights of the everyday role,
/// and what the caller has to do first.
/// </summary>
internal sealed partial class PostgresPreparation(DatabaseOptions options, ILogger logger, TimeProvider time)
{
    private const int OldestServer = 15;

    /// <summary>"Elysium" and 1, as a number: locks of one database are shared with whatever else is in it.</summary>
    private const long LockKey = 0x456C797369756D01;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private string Owner => options.OwnerUser ?? options.User;

    private string? OwnerPassword => options.OwnerUser is null ? options.Password : options.OwnerPassword;

    public async Task<Refusal?> RunAsync(Func<CancellationToken, Task<Refusal?>> first, CancellationToken cancellationToken)
    {
        if (options.IsExposed)
        {
            LogExposed(logger, options.Place);
        }

        await using var connection = new NpgsqlConnection(PostgresConnections.Alone(options, Owner, OwnerPassword));
        if (await OpenAsync(connection, cancellationToken) is { } unreachable)
        {
            return unreachable;
        }

        if (connection.PostgreSqlVersion.Major < OldestServer)
        {
            return Refused($"The server at {options.Place} is PostgreSQL {connection.PostgreSqlVersion}: {OldestServer} or later is needed.");
        }

        try
        {
            await LockAsync(connection, cancellationToken);
            if (await MigrateAsync(connection, cancellationToken) is { } refusal)
            {
                return refusal;
            }
        }
        catch (Exception e) when (PostgresFaults.In(e) is { } fault)
        {
            return Refused(PostgresRefusals.Explain(fault, options, Owner));
        }

        return await first(cancellationToken);
    }

    /// <summary>A server that is away or starting is waited for; one that says no is believed.</summary>
    private async Task<Refusal?> OpenAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        string? told = null;
        while (true)
        {
            try
            {
                await connection.OpenAsync(cancellationToken);
                return null;
            }
            catch (NpgsqlException e)
            {
                var reason = PostgresRefusals.Explain(e, options, Owner);
                if (!PostgresFaults.MayPass(e) || time.GetElapsedTime(start) >= Patience)
                {
                    return Refused(reason);
                }

                if (reason != told)
                {
                    LogWaiting(logger, reason, (int)Patience.TotalSeconds);
                    told = reason;
                }
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private async Task LockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // It says nothing while it holds the lock, for as long as that takes. Not an option of the connection: before version 14 it would not get in.
        await ExecuteAsync(connection, "SET idle_session_timeout = 0", cancellationToken);
        await using var attempt = new NpgsqlCommand("SELECT pg_try_advisory_lock($1)", connection) { Parameters = { new() { Value = LockKey } } };
        if (await attempt.ExecuteScalarAsync(cancellationToken) is true)
        {
            return;
        }

        // A migration or an import takes as long as it takes; whoever holds the lock and dies loses it.
        LogLocked(logger, options.Name);
        await ExecuteAsync(connection, "SET lock_timeout = 0", cancellationToken);
        await using var wait = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection) { Parameters = { new() { Value = LockKey } }, CommandTimeout = 0 };
        await wait.ExecuteNonQueryAsync(cancellationToken);
        await ExecuteAsync(connection, "RESET lock_timeout", cancellationToken);
    }

    private async Task<Refusal?> MigrateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var context = new DbContextOptionsBuilder<PostgresDatabase>();
        PostgresDatabase.Configure(context, connection);
        await using var database = new PostgresDatabase(context.Options);
        if (await Schema.NewerAsync(database, cancellationToken) is { } newer)
        {
            return Refused($"The database '{options.Name}' at {options.Place} was made by a newer version of elysium-backend (it has '{newer}'). Run that version, or restore a backup.");
        }

        // Asked before: EF Core would make its own table even when there is nothing to do, which the everyday role must not.
        var pending = (await database.Database.GetPendingMigrationsAsync(cancellationToken)).ToList();
        if (pending.Count > 0)
        {
            try
            {
                await database.Database.MigrateAsync(cancellationToken);
            }
            catch (Exception e) when (PostgresFaults.In(e) is PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } denied)
            {
                return Refused(
                    $"The database '{options.Name}' at {options.Place} lacks '{string.Join("', '", pending)}', and '{Owner}' may not change its schema ({denied.MessageText}). "
                    + "Set DB_OWNER_USER and DB_OWNER_PASSWORD to the role that owns the database, or run 'elysium-backend migrate' with them once.");
            }

            LogMigrated(logger, options.Name, string.Join(", ", pending));
        }

        var hasOwner = options.OwnerUser is { } owner && owner != options.User;
        if (hasOwner)
        {
            await GrantAsync(database, connection, cancellationToken);
        }

        if (await CanChangeAuditAsync(database, connection, cancellationToken))
        {
            if (hasOwner)
            {
                return Refused(
                    $"The role '{options.User}' can change or remove what the audit in the database '{options.Name}' at {options.Place} says, though DB_OWNER_USER is set: it is a superuser, "
                    + $"is a member of the role that owns the tables, owns them or the database itself, or was given rights on audit_events. What it owns is handed over, as a superuser, "
                    + $"with: REASSIGN OWNED BY {Quoted(options.User)} TO {Quoted(Owner)}");
            }

            LogAuditIsOpen(logger, options.User);
        }

        return null;
    }

    /// <summary>The everyday role reads and writes rows and changes no table; what the audit says it can only add to.</summary>
    private async Task GrantAsync(PostgresDatabase database, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var user = Quoted(options.User);
        var audit = AuditTable(database);
        var changeable = Schema.Tables(database).Where(table => table != audit).Select(Quoted);
        await ExecuteAsync(
            connection,
            $"""
            BEGIN;
            GRANT SELECT, INSERT, UPDATE, DELETE ON {string.Join(", ", changeable)} TO {user};
            REVOKE ALL ON {Quoted(audit)}, {Quoted(HistoryRepository.DefaultTableName)} FROM {user};
            REVOKE UPDATE, DELETE, TRUNCATE ON {Quoted(audit)} FROM PUBLIC;
            GRANT SELECT, INSERT ON {Quoted(audit)} TO {user};
            GRANT SELECT ON {Quoted(HistoryRepository.DefaultTableName)} TO {user};
            COMMIT
            """,
            cancellationToken);
    }

    /// <summary>Whoever owns a table, or the schema that it is in, may do everything with it, whatever was granted.</summary>
    private async Task<bool> CanChangeAuditAsync(PostgresDatabase database, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var ask = new NpgsqlCommand(
            """
            SELECT pg_has_role($1, c.relowner, 'MEMBER') OR pg_has_role($1, n.nspowner, 'MEMBER') OR has_any_column_privilege($1, c.oid, 'UPDATE')
                OR has_table_privilege($1, c.oid, 'DELETE') OR has_table_privilege($1, c.oid, 'TRUNCATE')
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.oid = to_regclass($2)
            """,
            connection)
        {
            Parameters = { new() { Value = options.User }, new() { Value = Quoted(AuditTable(database)) } },
        };
        return await ask.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static string AuditTable(PostgresDatabase database) => database.Model.FindEntityType(typeof(AuditEvent))!.GetTableName()!;

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Quoted(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static Refusal Refused(string detail) => new("database", detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The way to PostgreSQL at {Place} is not proved to be to it: set DB_SSLMODE to verify-full unless nobody else can be on that way")]
    private static partial void LogExposed(ILogger logger, string place);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Reason} Trying for {Seconds} s")]
    private static partial void LogWaiting(ILogger logger, string reason, int seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The role {User} can change what the audit says: give the tables to another role and name that one in DB_OWNER_USER (see the README)")]
    private static partial void LogAuditIsOpen(ILogger logger, string user);

    [LoggerMessage(Level = LogLevel.Information, Message = "Another backend prepares the database '{Name}': waiting for it")]
    private static partial void LogLocked(ILogger logger, string name);

    [LoggerMessage(Level = LogLevel.Information, Message = "The database '{Name}' was brought to this version's schema: {Migrations}")]
    private static partial void LogMigrated(ILogger logger, string name, string migrations);
}
