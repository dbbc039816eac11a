using System.Text.Json;

namespace Elysium.Lab.Product;

/// <summary>A host with the published client.</summary>
public sealed class MachineHost(LabHost host)
{
    /// <summary>The machine.</summary>
    public LabHost Host => host;

    /// <summary>The agent; null before the first start.</summary>
    public HostProcess? Agent { get; private set; }

    /// <summary>Its state folder, as the real machine sees it.</summary>
    public string State => Path.Combine(host.VarLib, "elysium");

    /// <summary>Runs the client.</summary>
    public Task<CommandResult> ElysiumAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken = default) =>
        host.RunAsync(Binaries.Client, arguments, cancellationToken: cancellationToken);

    /// <summary>Joins, under the host's name.</summary>
    public Task<CommandResult> JoinAsync(string code, CancellationToken cancellationToken = default) =>
        ElysiumAsync(["join", code, "--name", host.Name], cancellationToken);

    /// <summary>Starts the agent.</summary>
    public async Task StartAgentAsync(CancellationToken cancellationToken = default) =>
        Agent = await host.StartAsync(Binaries.Client, ["run"], cancellationToken: cancellationToken);

    /// <summary>Kills the agent with SIGKILL.</summary>
    public Task KillAgentAsync(CancellationToken cancellationToken = default) =>
        (Agent ?? throw new InvalidOperationException("The agent was not started.")).KillAsync(cancellationToken);

    /// <summary>What <c>status --json</c> says.</summary>
    public async Task<JsonElement> StatusAsync(CancellationToken cancellationToken = default) =>
        (await ElysiumAsync(["status", "--json"], cancellationToken)).Json();
}
