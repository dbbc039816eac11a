using Elysium.WireGuard;

namespace Elysium.Linux;

/// <summary>
/// Reads and changes WireGuard devices, by whatever way they are spoken to: <see cref="KernelWireGuard"/> by generic netlink,
/// <see cref="UserspaceWireGuard"/> through the sockets of userspace engines.
/// </summary>
public interface IWireGuardDevices
{
    /// <summary>The names of the devices that are there, sorted.</summary>
    /// <exception cref="WireGuardEngineException">We may not look.</exception>
    IReadOnlyList<string> List();

    /// <summary>The device with all of its peers; null if there is none of that name.</summary>
    /// <exception cref="WireGuardEngineException">It does not answer, or not with sense.</exception>
    Device? Get(string name);

    /// <summary>Changes the device. Not a transaction: after a refusal, read back what is.</summary>
    /// <exception cref="WireGuardEngineException">There is no such device, it refuses, or does not answer.</exception>
    void Apply(string name, DeviceUpdate update);
}
