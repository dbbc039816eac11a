namespace Elysium.Linux;

/// <summary>Makes and removes WireGuard devices, besides reading and changing them.</summary>
public interface IWireGuardEngine : IWireGuardDevices
{
    /// <summary>What it is, for people: <c>kernel</c>, <c>userspace (wireguard-go)</c>.</summary>
    string Description { get; }

    /// <summary>Makes the device unless it is there. The link it makes is down.</summary>
    /// <returns>Whether it was made; false: it was there and is adopted.</returns>
    /// <exception cref="WireGuardEngineException">It cannot be; the reason says why.</exception>
    bool Start(string name, CancellationToken cancellationToken);

    /// <summary>Removes the device and its link; false if there was none.</summary>
    /// <exception cref="WireGuardEngineException">The link is no WireGuard device of this engine, or does not go.</exception>
    bool Stop(string name, CancellationToken cancellationToken);
}
