using System.Net;
using System.Net.Sockets;
using Elysium.WireGuard;

namespace Elysium.Linux.Netlink;

/// <summary>Requests and answers about routes (rtnetlink(7), RTM_NEWROUTE and companions), always of the main table.</summary>
internal static class RouteMessages
{
    public static Span<byte> List(Span<byte> buffer, AddressFamily family, int? linkIndex)
    {
        var message = new MessageWriter(buffer, Rt.RTM_GETROUTE, 0);
        message.Write(default(RouteHeader) with { Family = Family.Of(family), Table = Rt.RT_TABLE_MAIN });
        if (linkIndex is { } link)
        {
            message.Attribute(Rt.RTA_OIF, link);
        }

        return message.Finish();
    }

    public static Span<byte> Add(Span<byte> buffer, Route route) => Change(buffer, Rt.RTM_NEWROUTE, Nl.NLM_F_CREATE | Nl.NLM_F_EXCL, route, ScopeOf(route));

    public static Span<byte> Replace(Span<byte> buffer, Route route) => Change(buffer, Rt.RTM_NEWROUTE, Nl.NLM_F_CREATE | Nl.NLM_F_REPLACE, route, ScopeOf(route));

    // To a removal, 'nowhere' means: whatever its scope.
    public static Span<byte> Delete(Span<byte> buffer, Route route) => Change(buffer, Rt.RTM_DELROUTE, 0, route, Rt.RT_SCOPE_NOWHERE);

    public static Route? Decode(ReadOnlySpan<byte> payload)
    {
        int? link = null;
        IPAddress? gateway = null;
        IPAddress? source = null;
        uint metric = 0;
        var attributes = AttributeReader.Behind(payload, out RouteHeader header);
        uint table = header.Table;
        var destination = header.Family == Rt.AF_INET6 ? IPAddress.IPv6Any : IPAddress.Any;
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

        // A kernel older than strict checking (4.20) lists every table, cached routes included.
        return table == Rt.RT_TABLE_MAIN && header.Type == Rt.RTN_UNICAST && (header.Flags & Rt.RTM_F_CLONED) == 0
            ? new Route(new IpPrefix(destination, header.DestinationLength), link, gateway, source, metric, header.Protocol)
            : null;
    }

    private static byte ScopeOf(Route route) => route.Gateway is null && !route.Destination.IsIPv6 ? Rt.RT_SCOPE_LINK : Rt.RT_SCOPE_UNIVERSE;

    private static Span<byte> Change(Span<byte> buffer, ushort type, ushort flags, Route route, byte scope)
    {
        var message = new MessageWriter(buffer, type, flags);
        message.Write(new RouteHeader(
            Family.Of(route.Destination.Family),
            (byte)route.Destination.Length,
            0,
            0,
            Rt.RT_TABLE_MAIN,
            route.Protocol,
            scope,
            Rt.RTN_UNICAST,
            0));
        message.Attribute(Rt.RTA_DST, route.Destination.Address);
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
