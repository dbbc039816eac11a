namespace Elysium.Lab.Product;

/// <summary>A lab with one backend that serves, and machines.</summary>
public sealed class Installation : IAsyncDisposable
{
    private readonly Dictionary<string, MachineHost> _machines = [];

    private Installation(Lab lab, BackendHost backend) => (Lab, Backend) = (lab, backend);

    /// <summary>The lab.</summary>
    public Lab Lab { get; }

    /// <summary>The backend, on the host <c>hub</c>.</summary>
    public BackendHost Backend { get; }

    /// <summary>The machines, in the order in which they came.</summary>
    public IReadOnlyCollection<MachineHost> Machines => _machines.Values;

    /// <summary>A machine by its name.</summary>
    public MachineHost this[string machine] => _machines[machine];

    /// <summary>Makes the lab, starts the backend, and adds machines that have not joined yet.</summary>
    /// <param name="machines">Their names.</param>
    /// <param name="underlay">The backend's addresses; with an IPv6 one, that is where it is reached.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<Installation> StartAsync(
        IReadOnlyList<string> machines, Underlay underlay = Underlay.IPv4, CancellationToken cancellationToken = default)
    {
        Binaries.Require();
        var lab = await Lab.CreateAsync(cancellationToken);
        try
        {
            var installation = new Installation(lab, new BackendHost(lab.AddHost("hub", underlay)));
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
            throw;
        }
    }

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
    public ValueTask DisposeAsync() => Lab.DisposeAsync();
}
