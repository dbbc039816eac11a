using Elysium.Lab.Postgres;

namespace Elysium.Lab.Product;

/// <summary>A lab with one backend that serves, and machines; and a database server, if it was asked for one.</summary>
public sealed class Installation : IAsyncDisposable
{
    private readonly Dictionary<string, MachineHost> _machines = [];

    private readonly LabHost? _databaseHost;

    private Installation(Lab lab, BackendHost backend, LabHost? databaseHost, PostgresServer? database) =>
        (Lab, Backend, _databaseHost, Database) = (lab, backend, databaseHost, database);

    /// <summary>The lab.</summary>
    public Lab Lab { get; }

    /// <summary>The backend, on the host <c>hub</c>.</summary>
    public BackendHost Backend { get; }

    /// <summary>The server that the backend's database is on; null: it is a file of the backend's.</summary>
    public PostgresServer? Database { get; }

    /// <summary>The machine of that server, <c>db</c>.</summary>
    public LabHost DatabaseHost => _databaseHost ?? throw new InvalidOperationException("The installation has no database server.");

    /// <summary>The machines, in the order in which they came.</summary>
    public IReadOnlyCollection<MachineHost> Machines => _machines.Values;

    /// <summary>A machine by its name.</summary>
    public MachineHost this[string machine] => _machines[machine];

    /// <summary>Makes the lab, starts the backend, and adds machines that have not joined yet.</summary>
    /// <param name="machines">Their names.</param>
    /// <param name="underlay">The backend's addresses; with an IPv6 one, that is where it is reached.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static Task<Installation> StartAsync(
        IReadOnlyList<string> machines, Underlay underlay = Underlay.IPv4, CancellationToken cancellationToken = default) =>
        StartAsync(machines, underlay, null, cancellationToken);

    /// <summary>The same with PostgreSQL on a machine of its own: by TLS, with a role that owns the schema and one for every day.</summary>
    /// <param name="server">How the server is to be.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static Task<Installation> StartWithPostgresAsync(PostgresOptions server, CancellationToken cancellationToken = default) =>
        StartAsync([], Underlay.IPv4, server, cancellationToken);

    /// <summary>Adds a machine.</summary>
    public MachineHost AddMachine(string name, Underlay underlay = Underlay.IPv4)
    {
        var machine = new MachineHost(Lab.AddHost(name, underlay));
        _machines.Add(name, machine);
        return machine;
    }

    /// <summary>Adds a machine that has joined a network and whose agent runs.</summary>
    public async Task<MachineHost> AddJoinedAsync(
        string name, string network, Underlay underlay = Underlay.IPv4, CancellationToken cancellationToken = default)
    {
        var machine = AddMachine(name, underlay);
        var code = await Backend.CreateJoinCodeAsync(network, cancellationToken: cancellationToken);
        (await machine.JoinAsync(code, cancellationToken)).Succeeded();
        await machine.StartAgentAsync(cancellationToken);
        return machine;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Lab.DisposeAsync();
        }
        finally
        {
            await DisposeOfAsync(Database);
        }
    }

    private static async Task<Installation> StartAsync(
        IReadOnlyList<string> machines, Underlay underlay, PostgresOptions? options, CancellationToken cancellationToken)
    {
        Binaries.Require();
        var lab = await Lab.CreateAsync(cancellationToken);
        PostgresServer? server = null;
        try
        {
            var hub = lab.AddHost("hub", underlay);
            var databaseHost = options is null ? null : lab.AddHost("db");
            server = options is null ? null : await PostgresServer.CreateAsync(options with { Host = databaseHost, Tls = options.Tls ?? new PostgresTls() }, cancellationToken);
            var settings = server is null ? new Dictionary<string, string?>() : await BackendDatabase.CreateAsync(server, cancellationToken);
            var installation = new Installation(lab, new BackendHost(hub) { Chosen = settings }, databaseHost, server);
            foreach (var machine in machines)
            {
                installation.AddMachine(machine);
            }

            await installation.Backend.StartAsync(cancellationToken);
            return installation;
        }
        catch
        {
            await lab.DisposeAsync();
            await DisposeOfAsync(server);
            throw;
        }
    }

    private static async ValueTask DisposeOfAsync(PostgresServer? server)
    {
        if (server is not null)
        {
            await server.DisposeAsync();
            server.Tls?.Dispose();
        }
    }
}
