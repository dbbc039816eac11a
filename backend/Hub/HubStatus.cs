using System.Collections.Concurrent;
using Elysium.WireGuard;

namespace Elysium.Backend.Hub;

/// <summary>What the hub's loop found at its last look: devices with their peers' handshakes, and what stands in its way.</summary>
internal sealed class HubStatus
{
    private readonly ConcurrentDictionary<string, State> _interfaces = new();
    private volatile string? _problem;
    private volatile string? _firewallProblem;

    /// <summary>What keeps the whole hub from being looked after.</summary>
    public string? Problem
    {
        get => _problem;
        set => _problem = value;
    }

    /// <summary>What keeps the firewall's rules from being as they should.</summary>
    public string? FirewallProblem
    {
        get => _firewallProblem;
        set => _firewallProblem = value;
    }

    public string? ProblemOf(string name) => _interfaces.TryGetValue(name, out var state) ? state.Problem : "not set up yet";

    public Device? DeviceOf(string name) => _interfaces.TryGetValue(name, out var state) ? state.Device : null;

    /// <summary>The interfaces that stand, or may still stand though their network is gone.</summary>
    public IReadOnlyCollection<string> Interfaces => [.. _interfaces.Keys];

    public IReadOnlyList<string> Problems =>
        [.. _problem is { } problem ? [$"hub: {problem}"] : Array.Empty<string>(),
            .. _firewallProblem is { } firewall ? [$"hub: firewall: {firewall}"] : Array.Empty<string>(),
            .. _interfaces.Where(i => i.Value.Problem is not null).OrderBy(i => i.Key).Select(i => $"hub: {i.Key}: {i.Value.Problem}")];

    /// <summary>Whether this tells something new about the interface.</summary>
    public bool Set(string name, Device? device, string? problem)
    {
        var before = _interfaces.TryGetValue(name, out var state) ? state.Problem : null;
        _interfaces[name] = new State(device, problem);
        return before != problem;
    }

    public void Forget(string name) => _interfaces.TryRemove(name, out _);

    private sealed record State(Device? Device, string? Problem);
}
