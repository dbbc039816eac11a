using Elysium.Backend.Hosting;
using Elysium.Contracts;
using Microsoft.Data.Sqlite;

namespace Elysium.Backend.Database;

/// <summary>The one place where a violated constraint of the database becomes a problem code.</summary>
internal static class ConstraintViolation
{
    private const int SqliteConstraint = 19;

    /// <summary>SQLite names the columns of a violated unique constraint, not the constraint.</summary>
    private static readonly Dictionary<string, Refusal> ByColumns = new()
    {
        ["networks.name"] = new(ProblemCodes.NetworkNameTaken, "Another network has this name."),
        ["networks.listen_port"] = new(ProblemCodes.ListenPortTaken, "Another network listens on this UDP port."),
        ["peers.network_id, peers.name"] = new(ProblemCodes.NameTaken, "Another peer of the network has this name."),
        ["peers.network_id, peers.wire_guard_public_key"] =
            new(ProblemCodes.WireGuardKeyInUse, "A peer of the network holds this WireGuard key and has proved another certificate key."),
        ["peers.network_id, peers.certificate_key_hash"] =
            new(ProblemCodes.CertificateKeyInUse, "This certificate key was enrolled in the network before. Remove the machine's state and join with new keys."),
    };

    /// <summary>The refusal for a violation that a request can cause; null for everything else, which is a bug or a broken database.</summary>
    public static Refusal? Explain(Exception exception)
    {
        var sqlite = exception as SqliteException ?? exception.InnerException as SqliteException;
        if (sqlite is not { SqliteErrorCode: SqliteConstraint })
        {
            return null;
        }

        const string Marker = "UNIQUE constraint failed: ";
        var at = sqlite.Message.IndexOf(Marker, StringComparison.Ordinal);
        return at < 0 ? null : ByColumns.GetValueOrDefault(sqlite.Message[(at + Marker.Length)..].TrimEnd('\'', '.'));
    }
}
