namespace Elysium.Linux;

/// <summary>Which engine runs the devices that we make.</summary>
public enum EngineChoice
{
    /// <summary>The kernel where it has WireGuard, otherwise a userspace engine.</summary>
    Automatic,

    /// <summary>The kernel, or nothing.</summary>
    Kernel,

    /// <summary>A userspace engine, also where the kernel has WireGuard.</summary>
    Userspace,
}

/// <summary>Chooses what runs the devices.</summary>
public static class WireGuardEngine
{
    /// <summary>The choice as settings spell it: <c>auto</c>, <c>kernel</c>, <c>userspace</c>; null for anything else.</summary>
    public static EngineChoice? Parse(string text) => text switch
    {
        "auto" => EngineChoice.Automatic,
        "kernel" => EngineChoice.Kernel,
        "userspace" => EngineChoice.Userspace,
        _ => null,
    };

    /// <summary>The engine, chosen once: asking the kernel loads its module where modules may be loaded.</summary>
    /// <param name="choice">What is wanted.</param>
    /// <param name="directory">Where a userspace engine's log is written.</param>
    /// <param name="time">The clock that limits are measured by.</param>
    /// <param name="program">The userspace engine.</param>
    public static IWireGuardEngine Choose(EngineChoice choice, string directory, TimeProvider time, string program = "wireguard-go") =>
        choice == EngineChoice.Kernel || (choice == EngineChoice.Automatic && KernelWireGuard.IsSupported())
            ? new KernelWireGuard()
            : new WireGuardGo(directory, time, program);
}
