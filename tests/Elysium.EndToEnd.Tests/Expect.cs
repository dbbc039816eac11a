using System.Text.Json;
using Elysium.Contracts;
using Elysium.Lab;
using Elysium.Lab.Product;

namespace Elysium.EndToEnd.Tests;

/// <summary>What these tests ask of machines and backend again and again.</summary>
internal static class Expect
{
    /// <summary>How long anything may take that should take a second: the machines that run this are small and busy.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    /// <summary>The address of a peer, as the backend tells.</summary>
    public static async Task<string> AddressOfAsync(this BackendHost backend, NetworkResponse network, MachineHost machine) =>
        (await backend.PeersAsync(network.Name)).Single(peer => peer.Name == machine.Host.Name).Address;

    /// <summary>What <c>status --json</c> says of one network; null: nothing.</summary>
    public static async Task<JsonElement?> StatusOfAsync(this MachineHost machine, NetworkResponse network)
    {
        foreach (var status in (await machine.StatusAsync()).EnumerateArray())
        {
            if (status.GetProperty("network").GetString() == network.Name)
            {
                return status;
            }
        }

        return null;
    }

    /// <summary>Waits until a network stands as expected: connected, stale, agentStopped, revoked.</summary>
    public static Task StandsAsync(this MachineHost machine, NetworkResponse network, string standing, TimeSpan? within = null) => Eventually.HoldsAsync(
        $"{machine.Host.Name} says {standing} of {network.Name}",
        within ?? Soon,
        async () => (await machine.StatusOfAsync(network))?.GetProperty("standing").GetString() == standing);

    /// <summary>The interface that a machine has for a network.</summary>
    public static async Task<string> InterfaceOfAsync(this MachineHost machine, NetworkResponse network) =>
        (await machine.StatusOfAsync(network))?.GetProperty("interface").GetString() ?? throw new LabException($"{machine.Host.Name} is not in {network.Name}.");

    /// <summary>Whether a host has a link.</summary>
    public static async Task<bool> HasLinkAsync(this LabHost host, string name) =>
        (await host.RunAsync("ip", ["link", "show", "dev", name])).ExitCode == 0;

    /// <summary>Waits until a link is there, or is gone.</summary>
    public static Task LinkIsAsync(this LabHost host, string name, bool there) => Eventually.HoldsAsync(
        $"{host.Name} has {(there ? "a" : "no")} link {name}", Soon, async () => await host.HasLinkAsync(name) == there);

    /// <summary>The public keys of a device's peers.</summary>
    public static async Task<string[]> PeersOfAsync(this LabHost host, string name) =>
        (await host.RunAsync("wg", ["show", name, "peers"])).Succeeded().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
