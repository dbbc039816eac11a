namespace Elysium.Linux;

/// <summary>What is to be said of an address (linux/if_addr.h, IFA_F_*). The kernel says more than was set, such as <see cref="Permanent"/>.</summary>
[Flags]
public enum AddressFlags : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>IPv4: another address of its network came first and is the one that is sent from. IPv6: a temporary address.</summary>
    Secondary = 0x01,

    /// <summary>IPv6: usable at once, without asking whether somebody else has it (duplicate address detection).</summary>
    NoDuplicateDetection = 0x02,

    /// <summary>IPv6: usable while that is asked.</summary>
    Optimistic = 0x04,

    /// <summary>IPv6: somebody else has it, so it is not used.</summary>
    DuplicateFound = 0x08,

    /// <summary>IPv6: the home address of a mobile node.</summary>
    Home = 0x10,

    /// <summary>Not for new connections.</summary>
    Deprecated = 0x20,

    /// <summary>IPv6: not usable yet, because it is still being asked whether somebody else has it.</summary>
    Tentative = 0x40,

    /// <summary>It does not run out.</summary>
    Permanent = 0x80,

    /// <summary>IPv6: temporary addresses are made of it.</summary>
    ManageTemporary = 0x100,

    /// <summary>No route to its network comes with it.</summary>
    NoPrefixRoute = 0x200,

    /// <summary>Joins its multicast group automatically.</summary>
    AutoJoin = 0x400,

    /// <summary>IPv6: made stable and private (RFC 7217).</summary>
    StablePrivacy = 0x800,
}
