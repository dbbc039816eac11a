namespace Elysium.Linux;

/// <summary>Numbers of routing tables (linux/rtnetlink.h, rt_class_t); all others are free.</summary>
public static class RouteTable
{
    /// <summary>Asked last.</summary>
    public const uint Default = 253;

    /// <summary>Where routes go unless they say otherwise.</summary>
    public const uint Main = 254;

    /// <summary>The machine's own addresses; the kernel keeps it, and it is asked first.</summary>
    public const uint Local = 255;
}
