using System.Net.Sockets;
using Elysium.WireGuard;

namespace Elysium.Linux.Netlink;

/// <summary>Requests and answers about rules of policy routing (linux/fib_rules.h, RTM_NEWRULE and companions).</summary>
internal static class RuleMessages
{
    // What the kernel answers where nothing is suppressed.
    private const uint NotSuppressed = uint.MaxValue;

    public static Span<byte> List(Span<byte> buffer, AddressFamily family)
    {
        var message = new MessageWriter(buffer, Rt.RTM_GETRULE, 0);
        message.Write(default(RuleHeader) with { Family = Family.Of(family) });
        return message.Finish();
    }

    public static Span<byte> Add(Span<byte> buffer, RoutingRule rule) => Change(buffer, Rt.RTM_NEWRULE, Nl.NLM_F_CREATE | Nl.NLM_F_EXCL, rule);

    public static Span<byte> Delete(Span<byte> buffer, RoutingRule rule) => Change(buffer, Rt.RTM_DELRULE, 0, rule);

    public static RoutingRule? Decode(ReadOnlySpan<byte> payload)
    {
        var attributes = AttributeReader.Behind(payload, out RuleHeader header);
        if (header.Family is not (Rt.AF_INET or Rt.AF_INET6))
        {
            return null;
        }

        var family = header.Family == Rt.AF_INET6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        var rule = new RoutingRule(family, 0, header.Table, Inverted: (header.Flags & Rt.FIB_RULE_INVERT) != 0, Action: (RuleAction)header.Action, Protocol: 0);
        uint? mask = null;
        while (attributes.Read())
        {
            switch (attributes.Type)
            {
                case Rt.FRA_PRIORITY:
                    rule = rule with { Priority = attributes.AsUInt32 };
                    break;
                case Rt.FRA_TABLE:
                    rule = rule with { Table = attributes.AsUInt32 };
                    break;
                case Rt.FRA_SRC:
                    rule = rule with { Source = Family.Prefix(attributes.AsAddress, header.SourceLength, header.Family) };
                    break;
                case Rt.FRA_DST:
                    rule = rule with { Destination = Family.Prefix(attributes.AsAddress, header.DestinationLength, header.Family) };
                    break;
                case Rt.FRA_FWMARK:
                    rule = rule with { Mark = attributes.AsUInt32 };
                    break;
                case Rt.FRA_FWMASK:
                    mask = attributes.AsUInt32;
                    break;
                case Rt.FRA_IIFNAME:
                    rule = rule with { InputLink = attributes.AsString };
                    break;
                case Rt.FRA_OIFNAME:
                    rule = rule with { OutputLink = attributes.AsString };
                    break;
                case Rt.FRA_SUPPRESS_PREFIXLEN when attributes.AsUInt32 != NotSuppressed:
                    rule = rule with { SuppressPrefixLength = attributes.AsInt32 };
                    break;
                case Rt.FRA_PROTOCOL:
                    rule = rule with { Protocol = attributes.AsByte };
                    break;
            }
        }

        // A mask without a mark: only packets that have none of its bits.
        return mask is { } bits and not 0 ? rule with { Mark = rule.Mark ?? 0, MarkMask = bits } : rule;
    }

    private static Span<byte> Change(Span<byte> buffer, ushort type, ushort flags, RoutingRule rule)
    {
        var message = new MessageWriter(buffer, type, flags);
        message.Write(new RuleHeader(
            Family.Of(rule.Family),
            (byte)(rule.Destination?.Length ?? 0),
            (byte)(rule.Source?.Length ?? 0),
            0,
            rule.Table <= byte.MaxValue ? (byte)rule.Table : Rt.RT_TABLE_UNSPEC,
            0,
            0,
            (byte)rule.Action,
            rule.Inverted ? Rt.FIB_RULE_INVERT : 0));
        Prefix(ref message, Rt.FRA_SRC, rule.Source, rule.Family);
        Prefix(ref message, Rt.FRA_DST, rule.Destination, rule.Family);
        if (rule.Table > byte.MaxValue)
        {
            message.Attribute(Rt.FRA_TABLE, rule.Table);
        }

        if (rule.Priority is { } priority)
        {
            message.Attribute(Rt.FRA_PRIORITY, priority);
        }

        if (rule.Mark is { } mark)
        {
            message.Attribute(Rt.FRA_FWMARK, mark);
            message.Attribute(Rt.FRA_FWMASK, rule.MarkMask);
        }

        if (rule.InputLink is { } input)
        {
            message.Attribute(Rt.FRA_IIFNAME, LinkMessages.Checked(input));
        }

        if (rule.OutputLink is { } output)
        {
            message.Attribute(Rt.FRA_OIFNAME, LinkMessages.Checked(output));
        }

        if (rule.SuppressPrefixLength is { } length)
        {
            message.Attribute(Rt.FRA_SUPPRESS_PREFIXLEN, length);
        }

        if (rule.Protocol != 0)
        {
            message.Attribute(Rt.FRA_PROTOCOL, rule.Protocol);
        }

        return message.Finish();
    }

    private static void Prefix(ref MessageWriter message, ushort attribute, IpPrefix? prefix, AddressFamily family)
    {
        if (prefix is not { } present)
        {
            return;
        }

        message.Attribute(attribute, present.Family == family ? present.Address : throw new ArgumentException($"{present} is not of the rule's address family."));
    }
}
