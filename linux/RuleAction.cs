namespace Elysium.Linux;

/// <summary>What a rule of policy routing does (linux/fib_rules.h, FR_ACT_*).</summary>
public enum RuleAction : byte
{
    /// <summary>Looks into its table.</summary>
    Lookup = 1,

    /// <summary>Goes on at another rule. Read only.</summary>
    Goto = 2,

    /// <summary>Nothing.</summary>
    Nothing = 3,

    /// <summary>Drops the packet in silence.</summary>
    Blackhole = 6,

    /// <summary>Drops it and says: network unreachable.</summary>
    Unreachable = 7,

    /// <summary>Drops it and says: prohibited.</summary>
    Prohibit = 8,
}
