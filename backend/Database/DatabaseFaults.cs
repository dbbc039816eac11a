using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Database;

/// <summary>What went wrong with the database itself, and not with what was asked of it.</summary>
internal enum DatabaseFault
{
    /// <summary>It was rolled back because of others who were at it, and may be tried again.</summary>
    RolledBack,

    /// <summary>It said that it did not do it: no space, read only, a lock that nobody let go of.</summary>
    Refused,

    /// <summary>It did not answer to the end.</summary>
    Lost,
}

/// <summary>The one place where an exception of an engine is judged; constraints are in <see cref="ConstraintViolation"/>.</summary>
internal static class DatabaseFaults
{
    /// <summary>Null: it is no fault of the database's.</summary>
    public static DatabaseFault? Of(Exception exception)
    {
        if (PostgresFaults.In(exception) is { } postgres)
        {
            return PostgresFaults.Of(postgres);
        }

        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is SqliteException sqlite)
            {
                return Of(sqlite);
            }
        }

        if (exception is UnansweredReadException)
        {
            return DatabaseFault.Refused;
        }

        // A row that we read was changed or deleted by another backend before we wrote it.
        return exception is DbUpdateConcurrencyException ? DatabaseFault.RolledBack : null;
    }

    private static DatabaseFault? Of(SqliteException exception) => exception.SqliteErrorCode switch
    {
        // SQLITE_BUSY, _LOCKED, _READONLY, _FULL, _CANTOPEN. SQLite itself has waited for a lock, and this process has one writer: whoever
        // holds it is another program, and everybody else here would wait behind another try.
        5 or 6 or 8 or 13 or 14 => DatabaseFault.Refused,
        10 => DatabaseFault.Lost, // SQLITE_IOERR
        _ => null,
    };
}
