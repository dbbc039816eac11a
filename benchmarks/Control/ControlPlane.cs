using System.Globalization;
using System.Text.Json;
using Elysium.Contracts;
using Elysium.Lab;
using Elysium.Lab.Product;

namespace Elysium.Benchmarks.Control;

/// <summary>What is measured: a backend with its hub, its database, one network, and the load beside it.</summary>
internal sealed class ControlPlane : IAsyncDisposable
{
    private const string NetworkName = "many";
    private const string Prefix = "10.64.0.0/12";
    private const int MaxUses = 1_000_000;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly Lab.Lab _lab;
    private int _prepared;

    private ControlPlane(Lab.Lab lab, ControlDatabase database, BackendHost backend, LoadProcess load) =>
        (_lab, Database, Backend, Load) = (lab, database, backend, load);

    public ControlDatabase Database { get; }

    public BackendHost Backend { get; }

    public LoadProcess Load { get; }

    public LabHost Host => Backend.Host;

    public int Id => Backend.Process!.Id;

    /// <summary>How many machines have joined so far.</summary>
    public int Joined { get; private set; }

    public static async Task<ControlPlane> StartAsync(CancellationToken cancellationToken)
    {
        Binaries.Require();
        var lab = await Lab.Lab.CreateAsync(cancellationToken);
        ControlDatabase? database = null;
        try
        {
            database = await ControlDatabase.StartAsync(lab.AddHost("db"), cancellationToken);
            await database.PrintDurabilityAsync(cancellationToken);
            var backend = new BackendHost(lab.AddHost("hub")) { Chosen = database.Settings };
            await backend.StartAsync(cancellationToken);
            await backend.CreateNetworkAsync(NetworkName, Prefix, cancellationToken: cancellationToken);
            var plane = new ControlPlane(lab, database, backend, await LoadProcess.StartAsync(backend.Host, cancellationToken));
            await plane.JoinTargetAsync(cancellationToken);
            return plane;
        }
        catch
        {
            await DisposeAsync(lab, database);
            throw;
        }
    }

    /// <summary>Has the load know the backend and its root, and a token for as many machines as come.</summary>
    public async Task JoinTargetAsync(CancellationToken cancellationToken) =>
        await Load.DoAsync($"join {await Backend.CreateJoinCodeAsync(NetworkName, MaxUses, cancellationToken)}", cancellationToken);

    /// <summary>Makes the keys of machines, before anything is measured.</summary>
    public async Task PrepareAsync(int machines, CancellationToken cancellationToken)
    {
        await Load.DoAsync($"prepare machine {machines}", cancellationToken);
        _prepared += machines;
    }

    public async Task<IReadOnlyDictionary<string, double>> EnrolAsync(int machines, int clients, bool kept, CancellationToken cancellationToken)
    {
        var figures = await Load.DoAsync(
            string.Create(CultureInfo.InvariantCulture, $"enrol machine {machines} {clients} {(kept ? "kept" : "new")}"), cancellationToken);
        Joined += machines;
        _prepared -= machines;
        return figures;
    }

    /// <summary>Sees to it that there are so many agents to open streams for.</summary>
    public async Task EnsureEnrolledAsync(int machines, CancellationToken cancellationToken)
    {
        if (machines <= Joined)
        {
            return;
        }

        Progress.Say($"{machines - Joined} more machines join");
        var missing = machines - Joined;
        await PrepareAsync(Math.Max(0, missing - _prepared), cancellationToken);
        await EnrolAsync(missing, clients: 32, kept: true, cancellationToken);
    }

    /// <summary>Machines that joined beside those that <see cref="EnrolAsync"/> counts.</summary>
    public void AlsoJoined(int machines) => OtherJoined += machines;

    public int OtherJoined { get; private set; }

    public async Task<NetworkResponse> NetworkAsync(CancellationToken cancellationToken)
    {
        var json = (await Backend.AdminAsync(["network", "list", "--json"], cancellationToken)).Json();
        var items = json.ValueKind == JsonValueKind.Array ? json : json.GetProperty("items");
        return items.EnumerateArray().First().Deserialize(ElysiumJson.Default.NetworkResponse)!;
    }

    /// <summary>Opens or closes streams until there are so many.</summary>
    public async Task<IReadOnlyDictionary<string, double>> OpenAsync(int streams, CancellationToken cancellationToken)
    {
        Progress.Say($"{streams} streams");
        var version = (await NetworkAsync(cancellationToken)).Version;
        return await Load.DoAsync(string.Create(CultureInfo.InvariantCulture, $"open {streams} {version}"), cancellationToken);
    }

    /// <summary>Ends the backend in good order and starts it anew.</summary>
    /// <returns>The moments at which it was told to stop and at which the new one was started.</returns>
    public async Task<(long Stopped, long Started)> RestartAsync(bool kill, CancellationToken cancellationToken)
    {
        var stopped = TimeProvider.System.GetTimestamp();
        if (kill)
        {
            await Backend.KillAsync(cancellationToken);
        }
        else
        {
            await Backend.Process!.StopAsync(StopLimit, cancellationToken);
        }

        var started = TimeProvider.System.GetTimestamp();
        await Backend.StartAsync(cancellationToken);
        return (stopped, started);
    }

    /// <summary>Every machine that joined is in the database, once and with an address and a key of its own, and nobody else is.</summary>
    public async Task CheckPeersAsync(CancellationToken cancellationToken)
    {
        var expected = Joined + OtherJoined;
        var (peers, addresses, keys) = await Database.CountAsync(cancellationToken);
        Figures.Print("peers_enrolled", expected, "0");
        Figures.Print("peers_counted", peers, "0");
        if (peers != expected || addresses != expected || keys != expected)
        {
            throw new LabException($"{expected} machines joined; the database has {peers} peers with {addresses} addresses and {keys} keys.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Load.DisposeAsync();
        await DisposeAsync(_lab, Database);
    }

    // The backend first, which would else complain of its database.
    private static async ValueTask DisposeAsync(Lab.Lab lab, ControlDatabase? database)
    {
        try
        {
            await lab.DisposeAsync();
        }
        finally
        {
            if (database is not null)
            {
                await database.DisposeAsync();
            }
        }
    }
}
