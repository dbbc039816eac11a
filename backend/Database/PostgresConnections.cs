using Npgsql;

namespace Elysium.Backend.Database;

/// <summary>
/// How we come to PostgreSQL. Every wait has an end, on both sides: a backend that vanished without a word must not keep a network's row locked, and a
/// server that vanished must not keep requests.
/// </summary>
internal static class PostgresConnections
{
    private const int ConnectSeconds = 5;
    private const int CommandSeconds = 10;

    /// <summary>For everyday work: a lock is waited for less long than a command, so that the server says which of the two it was.</summary>
    public static string Pooled(DatabaseOptions options)
    {
        var connection = Of(options, options.User, options.Password);
        connection.MaxPoolSize = options.MaxConnections;
        connection.CommandTimeout = CommandSeconds;
        connection.MaxAutoPrepare = 100;
        connection.AutoPrepareMinUsages = 2;
        connection.Options = Session(lockSeconds: 5, idleSeconds: 10, statementSeconds: 2 * CommandSeconds);
        return connection.ToString();
    }

    /// <summary>For preparing the schema, which may take long: one connection, which holds the lock for as long as it lives.</summary>
    public static string Alone(DatabaseOptions options, string user, string? password)
    {
        var connection = Of(options, user, password);
        connection.Pooling = false;
        connection.CommandTimeout = 600;
        connection.Options = Session(lockSeconds: 60, idleSeconds: 60, statementSeconds: 0);
        return connection.ToString();
    }

    private static NpgsqlConnectionStringBuilder Of(DatabaseOptions options, string user, string? password)
    {
        var connection = new NpgsqlConnectionStringBuilder
        {
            Host = options.Host,
            Port = options.Port,
            Database = options.Name,
            Username = user,
            Password = password,
            ApplicationName = "elysium-backend",
            SslMode = options.SslMode,
            RootCertificate = options.RootCertificate,
            SslCertificate = options.Certificate,
            SslKey = options.Key,
            GssEncryptionMode = GssEncryptionMode.Disable,
            Timeout = ConnectSeconds,
            CancellationTimeout = 1000,
            Enlist = false,
        };

        // Npgsql sets these on a Unix socket too, which refuses them.
        if (!options.Host.StartsWith('/'))
        {
            (connection.TcpKeepAlive, connection.TcpKeepAliveTime, connection.TcpKeepAliveInterval) = (true, 5, 2);
        }

        return connection;
    }

    /// <summary>The server's side: it lets go of a client that says nothing inside a transaction, or whose machine answers no more.</summary>
    private static string Session(int lockSeconds, int idleSeconds, int statementSeconds) =>
        $"-c lock_timeout={lockSeconds}s -c idle_in_transaction_session_timeout={idleSeconds}s -c statement_timeout={statementSeconds}s "
        + "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 -c tcp_user_timeout=10s -c client_connection_check_interval=2s";
}
