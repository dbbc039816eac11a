using Elysium.Backend.Hosting;
using Elysium.Contracts;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Elysium.Backend.Database;

/// <summary>The one place where a violated constraint of the database becomes a problem code.</summary>
internal static class ConstraintViolation
{
    private const int SqliteConstraint = 19;

    /// <summary>PostgreSQL names the constraint; SQLite the columns of a unique one, and nothing of a reference.</summary>
    private static readonly IReadOnlyList<(string Name, string? Columns, Refusal Refusal)> Known =
    [
        ("ix_networks_name", "networks.name", new(ProblemCodes.NetworkNameTaken, "Another network has this name.")),
        ("ix_networks_listen_port", "networks.listen_port", new(ProblemCodes.ListenPortTaken, "Another network listens on this UDP port.")),
        ("ix_peers_network_id_name", "peers.network_id, peers.name", new(ProblemCodes.NameTaken, "Another peer of the network has this name.")),
        (
            "ix_peers_network_id_wire_guard_public_key",
            "peers.network_id, peers.wire_guard_public_key",
            new(ProblemCodes.WireGuardKeyInUse, "A peer of the network holds this WireGuard key and has proved another certificate key.")),
        (
            "ix_peers_network_id_certificate_key_hash",
            "peers.network_id, peers.certificate_key_hash",
            new(ProblemCodes.CertificateKeyInUse, "This certificate key was enrolled in the network before. Remove the machine's state and join with new keys.")),
        ("fk_enrollment_tokens_networks_network_id", null, new(ProblemCodes.NetworkNotFound, "The network was just deleted.")),
    ];

    private static readonly Dictionary<string, Refusal> ByName = Known.ToDictionary(c => c.Name, c => c.Refusal);

    private static readonly Dictionary<string, Refusal> ByColumns = Known.Where(c => c.Columns is not null).ToDictionary(c => c.Columns!, c => c.Refusal);

    /// <summary>The refusal for a violation that a request can cause; null for everything else, which is a bug or a broken database.</summary>
    public static Refusal? Explain(Exception exception) => Of(exception) switch
    {
        { Name: { } name } => ByName.GetValueOrDefault(name),
        { Columns: { } columns } => ByColumns.GetValueOrDefault(columns),
        _ => null,
    };

    /// <summary>Which constraint, in the engine's words; null: it is another exception.</summary>
    public static (string? Name, string? Columns)? Of(Exception exception)
    {
        if (PostgresFaults.In(exception) is PostgresException postgres)
        {
            return postgres.SqlState.StartsWith("23", StringComparison.Ordinal) ? (postgres.ConstraintName, null) : null;
        }

        if ((exception as SqliteException ?? exception.InnerException as SqliteException) is not { SqliteErrorCode: SqliteConstraint } sqlite)
        {
            return null;
        }

        const string Marker = "UNIQUE constraint failed: ";
        var at = sqlite.Message.IndexOf(Marker, StringComparison.Ordinal);
        return (null, at < 0 ? null : sqlite.Message[(at + Marker.Length)..].TrimEnd('\'', '.'));
    }
}
