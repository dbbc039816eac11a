using System.Globalization;
using System.Net;
using Npgsql;

namespace Elysium.Backend.Database;

/// <summary>Where PostgreSQL is, and as whom we come.</summary>
internal sealed record DatabaseOptions
{
    /// <summary>A DNS name, an address, or the folder of a Unix socket.</summary>
    public required string Host { get; init; }

    public required int Port { get; init; }

    public required string Name { get; init; }

    /// <summary>The role of every day.</summary>
    public required string User { get; init; }

    public string? Password { get; init; }

    /// <summary>The role that owns the tables; null: <see cref="User"/> does.</summary>
    public string? OwnerUser { get; init; }

    public string? OwnerPassword { get; init; }

    public required SslMode SslMode { get; init; }

    public string? RootCertificate { get; init; }

    public string? Certificate { get; init; }

    public string? Key { get; init; }

    /// <summary>The most connections that this backend holds.</summary>
    public required int MaxConnections { get; init; }

    /// <summary>For messages.</summary>
    public string Place => string.Create(CultureInfo.InvariantCulture, $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");

    /// <summary>Whether everything may be read on its way to the server.</summary>
    public bool IsExposed => SslMode is SslMode.Disable or SslMode.Prefer or SslMode.Require && !IsThisMachine(Host);

    /// <summary>A record would print its passwords.</summary>
    public override string ToString() => $"{User}@{Place}/{Name}";

    public static bool IsThisMachine(string host) =>
        host.StartsWith('/') || host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
