using Elysium.WireGuard;

namespace Elysium.Linux;

/// <summary>Reads and changes devices of any userspace engine through its UAPI socket. Every exchange is limited to 5 s.</summary>
/// <param name="time">The clock that the limit is measured by.</param>
public sealed class UserspaceWireGuard(TimeProvider time)
{
    private readonly TimeProvider _time = time;

    /// <summary>The device; null if no engine listens under that name.</summary>
    /// <exception cref="WireGuardEngineException">It does not answer, or not with sense.</exception>
    public Device? Get(string name) => throw new NotImplementedException(_time.ToString());

    /// <summary>Changes the device. Not a transaction: after a refusal, read back what is.</summary>
    /// <exception cref="WireGuardEngineException">No engine listens, it refuses, or does not answer.</exception>
    public void Apply(string name, DeviceUpdate update) => throw new NotImplementedException();
}
