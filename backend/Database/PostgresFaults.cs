using System.Net.Sockets;
using Npgsql;

namespace Elysium.Backend.Database;

/// <summary>What an exception of PostgreSQL's means to whoever wrote or read.</summary>
internal static class PostgresFaults
{
    /// <summary>The one that others were made of; null: it is none of PostgreSQL's.</summary>
    public static NpgsqlException? In(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is NpgsqlException found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>Null: a bug, or a constraint, which is judged elsewhere.</summary>
    public static DatabaseFault? Of(NpgsqlException exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure } => DatabaseFault.RolledBack,

        // The session was ended by the server, and with it whatever it was doing.
        PostgresException { InvariantSeverity: "FATAL" or "PANIC" } => DatabaseFault.Lost,
        PostgresException e when e.SqlState.StartsWith("08", StringComparison.Ordinal) => DatabaseFault.Lost,
        PostgresException e when IsRefused(e.SqlState) => DatabaseFault.Refused,
        PostgresException => null,

        // No answer, a broken connection, no connection left in the pool.
        _ => DatabaseFault.Lost,
    };

    /// <summary>Whether it may be otherwise in a moment, when we come in.</summary>
    public static bool MayPass(NpgsqlException exception) => exception switch
    {
        PostgresException e => e.SqlState.StartsWith("57P", StringComparison.Ordinal) || e.SqlState == PostgresErrorCodes.TooManyConnections,
        { InnerException: SocketException or TimeoutException or EndOfStreamException } => true,
        { InnerException: IOException { InnerException: SocketException } } => true,
        _ => false,
    };

    private static bool IsRefused(string state) =>
        state is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.ReadOnlySqlTransaction
        || state.StartsWith("53", StringComparison.Ordinal) // Disk full, out of memory, too many connections.
        || state.StartsWith("57P", StringComparison.Ordinal) // Shutting down, starting up, recovering.
        || state.StartsWith("58", StringComparison.Ordinal); // The server's own input and output.
}
