using Elysium.WireGuard;

namespace Elysium.Linux.Firewall;

/// <summary>What a machine that relays for WireGuard networks lets through, whole. Packets of other interfaces are not judged.</summary>
/// <param name="Interfaces">The interfaces of ours, each of a network of its own.</param>
/// <param name="Table">The name of the table of family inet that holds the rules: ours alone. 1 to 31 of letters, digits, <c>_ . -</c>.</param>
public sealed record FirewallSpec(IReadOnlyList<FirewallInterface> Interfaces, string Table = FirewallSpec.DefaultTable)
{
    /// <summary>The name of the table if nobody chooses another.</summary>
    public const string DefaultTable = "elysium";

    /// <summary>One whose lists nobody else holds.</summary>
    internal FirewallSpec Copy() =>
        this with { Interfaces = [.. Interfaces.Select(own => own with { Prefixes = [.. own.Prefixes], Forwards = own.Forwards is null ? null : [.. own.Forwards] })] };

    /// <summary>Whether it says the same: the lists of records are equal only if they are one.</summary>
    internal bool IsSameAs(FirewallSpec other) =>
        Table == other.Table
        && Interfaces.Count == other.Interfaces.Count
        && Interfaces.Zip(other.Interfaces).All(static pair => pair.First.Name == pair.Second.Name
            && pair.First.Prefixes.SequenceEqual(pair.Second.Prefixes)
            && (pair.First.Forwards ?? []).SequenceEqual(pair.Second.Forwards ?? []));
}

/// <summary>
/// One interface. Who is behind it reaches this machine at the addresses in its prefixes, and others behind it; and nothing else, but
/// for <paramref name="Forwards"/>. Nobody behind another interface reaches who is behind this one.
/// </summary>
/// <param name="Name">Its name; it need not exist yet.</param>
/// <param name="Prefixes">The addresses of its network, IPv4 and IPv6.</param>
/// <param name="Forwards">Where packets from behind it may go besides; null is nowhere.</param>
public sealed record FirewallInterface(string Name, IReadOnlyList<IpPrefix> Prefixes, IReadOnlyList<FirewallForward>? Forwards = null);

/// <summary>
/// A way out for who is behind an interface: a network that this machine reaches (a subnet router), or everything (an exit node). Replies
/// come back; nobody there can open a connection. It never leads to the network of another interface of the same spec.
/// </summary>
/// <param name="To">Where to; <c>0.0.0.0/0</c> and <c>::/0</c> are everywhere.</param>
/// <param name="Masquerade">Whether packets get this machine's address as their source, for networks that have no route back.</param>
public sealed record FirewallForward(IpPrefix To, bool Masquerade);
