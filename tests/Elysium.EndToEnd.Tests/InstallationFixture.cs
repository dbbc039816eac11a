using Elysium.Contracts;
using Elysium.Lab.Product;

namespace Elysium.EndToEnd.Tests;

/// <summary>One backend for all tests of a class; each test makes its own network and its own machines.</summary>
public sealed class InstallationFixture : IAsyncLifetime
{
    private int _count;

    public Installation Installation { get; private set; } = null!;

    public BackendHost Backend => Installation.Backend;

    public async ValueTask InitializeAsync() => Installation = await Installation.StartAsync([]);

    public ValueTask DisposeAsync() => Installation?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>A network of its own for one test, and room for five machines unless it says otherwise.</summary>
    public async Task<NetworkResponse> NetworkAsync(int prefixLength = 24)
    {
        var number = Interlocked.Increment(ref _count);
        return await Backend.CreateNetworkAsync($"net-{number}", $"10.77.{number}.0/{prefixLength}");
    }

    /// <summary>Machines that have joined the network and whose agents run.</summary>
    public async Task<MachineHost[]> JoinedAsync(NetworkResponse network, int machines)
    {
        var joined = new MachineHost[machines];
        for (var i = 0; i < machines; i++)
        {
            joined[i] = await Installation.AddJoinedAsync(NextName(), network.Name);
        }

        return joined;
    }

    /// <summary>A machine that has joined nothing.</summary>
    public MachineHost Machine() => Installation.AddMachine(NextName());

    private string NextName() => $"m-{Interlocked.Increment(ref _count)}";
}
