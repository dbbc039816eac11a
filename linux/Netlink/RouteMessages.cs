using System.Net;

namespace Elysium.Linux.Netlink;

/// <summary>Requests and answers about routes (rtnetlink(7), RTM_NEWROUTE and companions).</summary>
internal static class RouteMessages
{
    public static Span<byte> List(Span<byte> buffer, RouteFilter filter)
    {
        var message = new MessageWriter(buffer, Rt.RTM_GETROUTE, 0);
        message.Write(default(RouteHeader) with
        {
            Family = Family.Of(filter.Family),
            Protocol = filter.Protocol ?? 0,
            Type = (byte)(filter.Type ?? RouteType.Unspecified),
        });
        if (filter.Table is { } table)
        {
            message.Attribute(Rt.RTA_TABLE, table);
        }

        if (filter.LinkIndex is { } link)
        {
            message.Attribute(Rt.RTA_OIF, link);
        }

        return message.Finish();
    }

    public static Span<byte> Add(Span<byte> buffer, Route route) => Change(buffer, Rt.RTM_NEWROUTE, Nl.NLM_F_CREATE | Nl.NLM_F_EXCL, route, ScopeOf(route));

    public static Span<byte> Replace(Span<byte> buffer, Route route) => Change(buffer, Rt.RTM_NEWROUTE, Nl.NLM_F_CREATE | Nl.NLM_F_REPLACE, route, ScopeOf(route));

    // To a removal, 'nowhere' means: whatever its scope.
    public static Span<byte> Delete(Span<byte> buffer, Route route) => Change(buffer, Rt.RTM_DELROUTE, 0, route, route.Scope ?? NetworkScope.Nowhere);

    public static Route? Decode(ReadOnlySpan<byte> payload)
    {
        var attributes = AttributeReader.Behind(payload, out RouteHeader header);

        // A kernel older than strict checking (4.20) lists cached routes too; the families of multicast routing have numbers of their own.
        if (header.Family is not (Rt.AF_INET or Rt.AF_INET6) || (header.Flags & Rt.RTM_F_CLONED) != 0)
        {
            return null;
        }

        uint table = header.Table;
        var destination = Family.AnyOf(header.Family);
        int? link = null;
        IPAddress? gateway = null;
        IPAddress? source = null;
        uint metric = 0;
        while (attributes.Read())
        {
            switch (attributes.Type)
            {
                case Rt.RTA_TABLE:
                    table = attributes.AsUInt32;
                    break;
                case Rt.RTA_DST:
                    destination = attributes.AsAddress;
                    break;
                case Rt.RTA_OIF:
                    link = attributes.AsInt32;
                    break;
                case Rt.RTA_GATEWAY:
                    gateway = attributes.AsAddress;
                    break;
                case Rt.RTA_PREFSRC:
                    source = attributes.AsAddress;
                    break;
                case Rt.RTA_PRIORITY:
                    metric = attributes.AsUInt32;
                    break;
            }
        }

        return new Route(
            Family.Prefix(destination, header.DestinationLength, header.Family),
            link,
            gateway,
            source,
            metric,
            header.Protocol,
            table,
            (RouteType)header.Type,
            (NetworkScope)header.Scope);
    }

    // As ip-route(8) does: local addresses are of this machine, what has no gateway is on the link, the rest is anywhere. IPv6 ignores it.
    private static NetworkScope ScopeOf(Route route) => route switch
    {
        { Scope: { } scope } => scope,
        { Type: RouteType.Local } => NetworkScope.Host,
        { Type: RouteType.Unicast or RouteType.Broadcast or RouteType.Anycast or RouteType.Multicast, Gateway: null, Destination.IsIPv6: false } => NetworkScope.Link,
        _ => NetworkScope.Universe,
    };

    private static Span<byte> Change(Span<byte> buffer, ushort type, ushort flags, Route route, NetworkScope scope)
    {
        var message = new MessageWriter(buffer, type, flags);
        message.Write(new RouteHeader(
            Family.Of(route.Destination.Family),
            (byte)route.Destination.Length,
            0,
            0,
            route.Table <= byte.MaxValue ? (byte)route.Table : Rt.RT_TABLE_UNSPEC,
            route.Protocol,
            (byte)scope,
            (byte)route.Type,
            0));
        message.Attribute(Rt.RTA_DST, route.Destination.Address);
        if (route.Table > byte.MaxValue)
        {
            message.Attribute(Rt.RTA_TABLE, route.Table);
        }

        if (route.LinkIndex is { } link)
        {
            message.Attribute(Rt.RTA_OIF, link);
        }

        if (route.Gateway is { } gateway)
        {
            message.Attribute(Rt.RTA_GATEWAY, gateway);
        }

        if (route.Source is { } source)
        {
            message.Attribute(Rt.RTA_PREFSRC, source);
        }

        if (route.Metric != 0)
        {
            message.Attribute(Rt.RTA_PRIORITY, route.Metric);
        }

        return message.Finish();
    }
}
