namespace Elysium.Linux;

/// <summary>How far an address or a route is known (linux/rtnetlink.h, rt_scope_t). Users may have numbers between these.</summary>
public enum NetworkScope : byte
{
    /// <summary>Everywhere.</summary>
    Universe = 0,

    /// <summary>Within the site (IPv6, deprecated).</summary>
    Site = 200,

    /// <summary>On the link only.</summary>
    Link = 253,

    /// <summary>On this machine only.</summary>
    Host = 254,

    /// <summary>Nowhere.</summary>
    Nowhere = 255,
}
