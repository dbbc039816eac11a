namespace Elysium.Linux;

/// <summary>Why an engine cannot run an interface.</summary>
public enum EngineFailure
{
    /// <summary>There is no such program.</summary>
    BinaryNotFound,

    /// <summary>We may not configure the network (no CAP_NET_ADMIN; not root).</summary>
    NotPermitted,

    /// <summary>There is no usable <c>/dev/net/tun</c>.</summary>
    NoTunDevice,

    /// <summary>The kernel has no WireGuard.</summary>
    NoKernelSupport,

    /// <summary>A link of that name exists and is not run by an engine that we can talk to.</summary>
    ForeignLink,

    /// <summary>A WireGuard device of that name exists, and we did not make it.</summary>
    ForeignDevice,

    /// <summary>An engine has that name's socket but its link is not here: it runs in another namespace.</summary>
    ForeignEngine,

    /// <summary>The UDP port is taken.</summary>
    PortInUse,

    /// <summary>The engine ended at once; its log tells why.</summary>
    Exited,

    /// <summary>The engine ended while we were talking to it; the next attempt starts another.</summary>
    Ended,

    /// <summary>The engine did not answer, start or stop in time.</summary>
    NotAnswering,

    /// <summary>The engine refused an update, or its answer makes no sense.</summary>
    Refused,
}

/// <summary>An engine cannot run an interface. The message says what is wrong and what to do.</summary>
/// <param name="failure">Why.</param>
/// <param name="message">For people.</param>
/// <param name="inner">What caused it, if anything did.</param>
public sealed class WireGuardEngineException(EngineFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public EngineFailure Failure { get; } = failure;
}
