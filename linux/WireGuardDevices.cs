using Elysium.Linux.Netlink;
using Elysium.WireGuard;

namespace Elysium.Linux;

/// <summary>
/// Every WireGuard device of the calling thread's network namespace, whatever runs it: the kernel's and those of userspace engines, as
/// <c>wg</c> sees them. A name that both have is the kernel's.
/// </summary>
/// <param name="time">The clock that limits are measured by.</param>
public sealed class WireGuardDevices(TimeProvider time) : IWireGuardDevices
{
    private readonly KernelWireGuard _kernel = new();
    private readonly UserspaceWireGuard _userspace = new(time);

    /// <inheritdoc/>
    public IReadOnlyList<string> List() => [.. _kernel.List().Union(_userspace.List()).Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public Device? Get(string name) => Of(name).Get(name);

    /// <inheritdoc/>
    public void Apply(string name, DeviceUpdate update) => Of(name).Apply(name, update);

    /// <summary>Whether the kernel runs the device of that name; one that is not there is no kernel's.</summary>
    public bool IsKernel(string name)
    {
        using var netlink = RouteNetlink.Open();
        return netlink.FindLink(name)?.Kind == Wg.Family;
    }

    private IWireGuardDevices Of(string name) => IsKernel(name) ? _kernel : _userspace;
}
