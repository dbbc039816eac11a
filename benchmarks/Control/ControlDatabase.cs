using System.Globalization;
using Elysium.Lab;
using Elysium.Lab.Postgres;
using Elysium.Lab.Product;

namespace Elysium.Benchmarks.Control;

/// <summary>A private PostgreSQL on a host of its own, as durable as it is by default, with the two roles that an installation has.</summary>
internal sealed class ControlDatabase : IAsyncDisposable
{
    private static readonly string[] Shown = ["server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_sync_method"];

    private readonly PostgresServer _server;
    private readonly LabHost _host;

    private ControlDatabase(PostgresServer server, LabHost host, IReadOnlyDictionary<string, string?> settings) =>
        (_server, _host, Settings) = (server, host, settings);

    /// <summary>What the backend's environment says.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; }

    public IReadOnlyList<int> Processes => _host.ProcessIds("postgres");

    public static async Task<ControlDatabase> StartAsync(LabHost host, CancellationToken cancellationToken)
    {
        var server = await PostgresServer.CreateAsync(new PostgresOptions { Host = host }, cancellationToken);
        try
        {
            return new ControlDatabase(server, host, await BackendDatabase.CreateAsync(server, cancellationToken));
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>How durable its commits are, in its own words.</summary>
    public async Task PrintDurabilityAsync(CancellationToken cancellationToken)
    {
        foreach (var setting in Shown)
        {
            Console.WriteLine($"postgres_{setting}={await _server.ExecuteAsync($"SHOW {setting}", cancellationToken: cancellationToken)}");
        }
    }

    /// <summary>Counted in the tables: peers, and how many addresses and keys they have between them.</summary>
    public async Task<(int Peers, int Addresses, int Keys)> CountAsync(CancellationToken cancellationToken)
    {
        var row = await _server.ExecuteAsync("SELECT count(*), count(DISTINCT address), count(DISTINCT wire_guard_public_key) FROM peers", BackendDatabase.Name, cancellationToken);
        return row.Split('|').Select(static count => int.Parse(count, CultureInfo.InvariantCulture)).ToArray() is [var peers, var addresses, var keys]
            ? (peers, addresses, keys)
            : throw new LabException($"The count of peers is '{row}'.");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
