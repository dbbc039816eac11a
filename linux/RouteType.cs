namespace Elysium.Linux;

/// <summary>What a route does with a packet (linux/rtnetlink.h, RTN_*).</summary>
public enum RouteType : byte
{
    /// <summary>To a removal or a filter: any.</summary>
    Unspecified = 0,

    /// <summary>Sends it to its gateway or link.</summary>
    Unicast = 1,

    /// <summary>Takes it: the address is our own.</summary>
    Local = 2,

    /// <summary>Takes it, as it went to all of a link.</summary>
    Broadcast = 3,

    /// <summary>Takes it if it was sent to one of several.</summary>
    Anycast = 4,

    /// <summary>Takes it if we joined the group.</summary>
    Multicast = 5,

    /// <summary>Drops it in silence; a local sender gets EINVAL.</summary>
    Blackhole = 6,

    /// <summary>Drops it and says: host unreachable.</summary>
    Unreachable = 7,

    /// <summary>Drops it and says: prohibited.</summary>
    Prohibit = 8,

    /// <summary>Looks on, as if this table had no route.</summary>
    Throw = 9,
}
