namespace Elysium.Linux;

/// <summary>What to be told of.</summary>
[Flags]
public enum NetworkChangeKinds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Links.</summary>
    Links = 1,

    /// <summary>Addresses, IPv4 and IPv6.</summary>
    Addresses = 2,

    /// <summary>Routes of all tables, IPv4 and IPv6.</summary>
    Routes = 4,

    /// <summary>Rules of policy routing, IPv4 and IPv6.</summary>
    Rules = 8,

    /// <summary>All of it.</summary>
    All = Links | Addresses | Routes | Rules,
}
