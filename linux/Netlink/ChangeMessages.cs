namespace Elysium.Linux.Netlink;

/// <summary>What rtnetlink tells of changes: the messages of a dump, unasked.</summary>
internal static class ChangeMessages
{
    /// <summary>The multicast groups that tell of these kinds.</summary>
    public static IEnumerable<int> GroupsOf(NetworkChangeKinds kinds)
    {
        if (kinds.HasFlag(NetworkChangeKinds.Links))
        {
            yield return Rt.RTNLGRP_LINK;
        }

        if (kinds.HasFlag(NetworkChangeKinds.Addresses))
        {
            yield return Rt.RTNLGRP_IPV4_IFADDR;
            yield return Rt.RTNLGRP_IPV6_IFADDR;
        }

        if (kinds.HasFlag(NetworkChangeKinds.Routes))
        {
            yield return Rt.RTNLGRP_IPV4_ROUTE;
            yield return Rt.RTNLGRP_IPV6_ROUTE;
        }

        if (kinds.HasFlag(NetworkChangeKinds.Rules))
        {
            yield return Rt.RTNLGRP_IPV4_RULE;
            yield return Rt.RTNLGRP_IPV6_RULE;
        }
    }

    /// <summary>Null for what nobody wants to know: a cached route, a bridge's word about its port, a kind that we do not know.</summary>
    public static NetworkChange? Decode(ushort type, ReadOnlySpan<byte> payload) => type switch
    {
        Rt.RTM_NEWLINK => LinkMessages.Decode(payload) is { } link ? new NetworkChange.LinkChanged(link) : null,
        Rt.RTM_DELLINK => LinkMessages.Decode(payload) is { } link ? new NetworkChange.LinkDeleted(link) : null,
        Rt.RTM_NEWADDR => AddressMessages.Decode(payload) is { } address ? new NetworkChange.AddressAdded(address) : null,
        Rt.RTM_DELADDR => AddressMessages.Decode(payload) is { } address ? new NetworkChange.AddressRemoved(address) : null,
        Rt.RTM_NEWROUTE => RouteMessages.Decode(payload) is { } route ? new NetworkChange.RouteAdded(route) : null,
        Rt.RTM_DELROUTE => RouteMessages.Decode(payload) is { } route ? new NetworkChange.RouteRemoved(route) : null,
        Rt.RTM_NEWRULE => RuleMessages.Decode(payload) is { } rule ? new NetworkChange.RuleAdded(rule) : null,
        Rt.RTM_DELRULE => RuleMessages.Decode(payload) is { } rule ? new NetworkChange.RuleRemoved(rule) : null,
        _ => null,
    };
}
