using System.Globalization;
using System.Net;
using Elysium.Backend.Database;
using Npgsql;

namespace Elysium.Backend.Hosting;

/// <summary>The settings of PostgreSQL, which <c>DB_HOST</c> chooses; without it the database is a file in the data folder.</summary>
internal static class DatabaseSettings
{
    public static readonly IReadOnlyList<Setting> All =
    [
        new("DB_HOST", "", "a DNS name, an IP address without port, or the absolute path of a socket's folder"),
        new("DB_PORT", "5432", "a TCP port"),
        new("DB_NAME", "elysium", "the name of a database"),
        new("DB_USER", "elysium", "the name of a role"),
        new("DB_PASSWORD", "", "a password"),
        new("DB_PASSWORD_FILE", "", "the absolute path of a file that can be read"),
        new("DB_OWNER_USER", "", "the name of a role"),
        new("DB_OWNER_PASSWORD", "", "a password"),
        new("DB_OWNER_PASSWORD_FILE", "", "the absolute path of a file that can be read"),
        new("DB_SSLMODE", "", "one of disable, prefer, require, verify-ca, verify-full"),
        new("DB_SSLROOTCERT", "", "the absolute path of a file that can be read"),
        new("DB_SSLCERT", "", "the absolute path of a file that can be read"),
        new("DB_SSLKEY", "", "the absolute path of a file that can be read"),
        new("DB_MAX_CONNECTIONS", "20", "a number from 4 to 1000"),
    ];

    /// <summary>Null: SQLite.</summary>
    public static DatabaseOptions? Parse(SettingValues values)
    {
        if (!values.Has("DB_HOST"))
        {
            // A misspelt DB_HOST must not end in an empty database of our own.
            foreach (var setting in All.Where(s => values.Verbatim(s.Name) is not null))
            {
                values.Complain($"{setting.Name} is set and DB_HOST is not: DB_HOST chooses PostgreSQL. Set it, or take {setting.Name} away.");
            }

            return null;
        }

        var host = values.Take("DB_HOST", HostName, "");
        var mode = values.Take("DB_SSLMODE", text => Mode(text, host));
        var options = new DatabaseOptions
        {
            Host = host,
            Port = values.Take("DB_PORT", text => Number(text, 1, 65_535)),
            Name = values.Take("DB_NAME", NotEmpty, ""),
            User = values.Take("DB_USER", NotEmpty, ""),
            Password = Password(values, "DB_PASSWORD"),
            OwnerUser = values.Has("DB_OWNER_USER") ? values.Text("DB_OWNER_USER") : null,
            OwnerPassword = Password(values, "DB_OWNER_PASSWORD"),
            SslMode = mode,
            RootCertificate = ReadableFile(values, "DB_SSLROOTCERT"),
            Certificate = ReadableFile(values, "DB_SSLCERT"),
            Key = ReadableFile(values, "DB_SSLKEY"),
            MaxConnections = values.Take("DB_MAX_CONNECTIONS", text => Number(text, 4, 1000)),
        };
        if (values.Has("DB_SSLCERT") != values.Has("DB_SSLKEY"))
        {
            values.Complain("DB_SSLCERT and DB_SSLKEY go together: a client certificate and its key.");
        }

        if (values.Has("DB_SSLROOTCERT") && mode is not (SslMode.VerifyCA or SslMode.VerifyFull))
        {
            values.Complain($"DB_SSLROOTCERT is set, and DB_SSLMODE='{values.Text("DB_SSLMODE")}' would not look at it: set DB_SSLMODE to verify-full.");
        }

        if (options is { OwnerUser: null, OwnerPassword: not null })
        {
            values.Complain("DB_OWNER_PASSWORD is set and DB_OWNER_USER is not.");
        }

        return options;
    }

    /// <summary>
    /// What travels here opens every network, so that a server proves who it is unless somebody says otherwise; on the machine itself there is
    /// nobody between.
    /// </summary>
    private static SslMode? Mode(string text, string host) => text switch
    {
        "" => DatabaseOptions.IsThisMachine(host) ? SslMode.Prefer : SslMode.VerifyFull,
        "disable" => SslMode.Disable,
        "prefer" => SslMode.Prefer,
        "require" => SslMode.Require,
        "verify-ca" => SslMode.VerifyCA,
        "verify-full" => SslMode.VerifyFull,
        _ => null,
    };

    private static string? HostName(string text) => Uri.CheckHostName(text) switch
    {
        UriHostNameType.Dns => text,
        UriHostNameType.IPv4 or UriHostNameType.IPv6 => IPAddress.TryParse(text, out var address) ? address.ToString() : null,
        _ => Path.IsPathFullyQualified(text) ? text : null,
    };

    private static string? NotEmpty(string text) => text.Length > 0 ? text : null;

    private static int? Number(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number : null;

    private static string? Password(SettingValues values, string name)
    {
        var (password, file) = (values.Verbatim(name), ReadableFile(values, name + "_FILE"));
        if (password is not null && file is not null)
        {
            values.Complain($"{name} and {name}_FILE are both set: which is it?");
        }

        return file is null ? password : File.ReadAllText(file).TrimEnd('\r', '\n');
    }

    private static string? ReadableFile(SettingValues values, string name)
    {
        var path = values.Take(name, text => text.Length == 0 || (Path.IsPathFullyQualified(text) && CanBeRead(text)) ? text : null, "");
        return path.Length == 0 ? null : path;
    }

    private static bool CanBeRead(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
