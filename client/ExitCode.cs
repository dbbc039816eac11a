namespace Elysium.Client;

/// <summary>What the process answers its caller with; docs/reference/exit-codes.md lists these and a test compares the two.</summary>
internal enum ExitCode
{
    /// <summary>It is done.</summary>
    Ok = 0,

    /// <summary>It failed for a reason that has no code of its own.</summary>
    Failed = 1,

    /// <summary>The command line is wrong; nothing was done.</summary>
    Usage = 2,

    /// <summary>This machine has not joined the network that was named, or none at all.</summary>
    NotJoined = 3,

    /// <summary>The backend could not be reached, or answered that it cannot do this now.</summary>
    BackendUnreachable = 4,

    /// <summary>The backend was reached and refused.</summary>
    Refused = 5,

    /// <summary>The peer was revoked or its network deleted: this machine is no longer part of it.</summary>
    Revoked = 6,

    /// <summary>A permission or a device is missing: root, CAP_NET_ADMIN, /dev/net/tun.</summary>
    Permission = 7,

    /// <summary>What answers is not the backend that the join code, the profile or the pin means.</summary>
    BackendUntrusted = 8,

    /// <summary>Interrupted by Ctrl-C or SIGTERM before it was done.</summary>
    Interrupted = 130,
}
