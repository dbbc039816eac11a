namespace Elysium.Linux;

/// <summary>Something that changed in a network namespace, whoever did it.</summary>
public abstract record NetworkChange
{
    private NetworkChange()
    {
    }

    /// <summary>A link was made, or it changed: name, MTU, up or down, carrier, bridge.</summary>
    public sealed record LinkChanged(Link Link) : NetworkChange;

    /// <summary>A link is gone from this namespace: deleted, or moved to another.</summary>
    public sealed record LinkDeleted(Link Link) : NetworkChange;

    /// <summary>An address was added, or what is said of it changed.</summary>
    public sealed record AddressAdded(LinkAddress Address) : NetworkChange;

    /// <summary>An address is gone.</summary>
    public sealed record AddressRemoved(LinkAddress Address) : NetworkChange;

    /// <summary>A route was added or replaced one. One with several next hops names none.</summary>
    public sealed record RouteAdded(Route Route) : NetworkChange;

    /// <summary>
    /// A route is gone. For IPv4 the kernel tells it only of routes that were deleted, not of those that went because their link went down or
    /// lost the address: then the link's or the address's own change tells it.
    /// </summary>
    public sealed record RouteRemoved(Route Route) : NetworkChange;

    /// <summary>A rule was added.</summary>
    public sealed record RuleAdded(RoutingRule Rule) : NetworkChange;

    /// <summary>A rule is gone.</summary>
    public sealed record RuleRemoved(RoutingRule Rule) : NetworkChange;

    /// <summary>The kernel had to drop changes, because nobody read them in time: read everything anew.</summary>
    public sealed record Lost : NetworkChange;
}
