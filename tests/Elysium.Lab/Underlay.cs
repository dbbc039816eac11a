namespace Elysium.Lab;

/// <summary>Which addresses a host has on the switch.</summary>
[Flags]
public enum Underlay
{
    /// <summary>An IPv4 address.</summary>
    IPv4 = 1,

    /// <summary>An IPv6 address.</summary>
    IPv6 = 2,

    /// <summary>One of each.</summary>
    Both = IPv4 | IPv6,
}
