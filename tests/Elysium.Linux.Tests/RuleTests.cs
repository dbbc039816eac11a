using System.Globalization;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Elysium.WireGuard;

namespace Elysium.Linux.Tests;

public sealed class RuleTests
{
    public static TheoryData<AddressFamily> Families => [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];

    [Theory]
    [MemberData(nameof(Families))]
    public void Rules_are_what_ip_says(AddressFamily family)
    {
        using var sandbox = new Sandbox();
        sandbox.Host().Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            var isIPv6 = family == AddressFamily.InterNetworkV6;
            RoutingRule[] added =
            [
                new(family, 100, 51820, Mark: 0xca6c, Inverted: true),
                new(family, 101, RouteTable.Main, SuppressPrefixLength: 0),
                new(family, 102, 77, IpPrefix.Parse(isIPv6 ? "fd00:1::/64" : "10.1.0.0/16"), IpPrefix.Parse(isIPv6 ? "fd00:2::1/128" : "10.2.0.1/32")),
                new(family, 103, 78, Mark: 0x10, MarkMask: 0xf0, InputLink: "lo", OutputLink: "wg9"),
                new(family, 104, 0, Action: RuleAction.Prohibit, Protocol: 99),
                new(family, 105, 0, Source: IpPrefix.Parse(isIPv6 ? "fd00:3::/64" : "10.3.0.0/16"), Action: RuleAction.Blackhole),
            ];
            foreach (var rule in added)
            {
                netlink.AddRule(rule);
                Should.Throw<NetlinkException>(() => netlink.AddRule(rule)).Errno.ShouldBe(Errno.EEXIST);
            }

            var rules = netlink.GetRules(family);
            added.ShouldBeSubsetOf(rules);
            rules.Select(rule => rule.Priority).ShouldBeInOrder();

            var said = Sandbox.Ip(isIPv6 ? "-6" : "-4", "-N", "rule");
            said.Select(FromIp).ShouldBe(rules.Select(Essence), ignoreOrder: true);

            foreach (var rule in added)
            {
                netlink.DeleteRule(rule);
                Should.Throw<NetlinkException>(() => netlink.DeleteRule(rule)).Errno.ShouldBe(Errno.ENOENT);
            }

            netlink.GetRules(family).ShouldAllBe(rule => rule.Protocol != RouteNetlink.OwnProtocol);
        });
    }

    [Fact]
    public void Who_else_made_the_same_rule_keeps_it()
    {
        using var sandbox = new Sandbox();
        sandbox.Host().Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            Sandbox.Run("ip", "rule", "add", "fwmark", "7", "lookup", "70", "priority", "500", "protocol", "static");
            var ours = new RoutingRule(AddressFamily.InterNetwork, 500, 70, Mark: 7);
            Should.Throw<NetlinkException>(() => netlink.DeleteRule(ours)).Errno.ShouldBe(Errno.ENOENT);
            netlink.AddRule(ours);
            netlink.DeleteRule(ours);
            netlink.GetRules(AddressFamily.InterNetwork).ShouldContain(ours with { Protocol = 4 });
        });
    }

    [Fact]
    public void A_rule_without_a_priority_comes_before_the_others()
    {
        using var sandbox = new Sandbox();
        sandbox.Host().Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            netlink.AddRule(new RoutingRule(AddressFamily.InterNetwork, null, 70));
            netlink.GetRules(AddressFamily.InterNetwork).Single(rule => rule.Protocol == RouteNetlink.OwnProtocol).Priority.ShouldBe(32765u);
        });
    }

    private static string Essence(RoutingRule rule) =>
        $"{rule.Priority} table {(rule.Action == RuleAction.Lookup ? rule.Table : 0)} from {rule.Source} to {rule.Destination} mark {rule.Mark:x}/{(rule.Mark is null ? uint.MaxValue : rule.MarkMask):x} "
        + $"iif {rule.InputLink} oif {rule.OutputLink} not {rule.Inverted} suppress {rule.SuppressPrefixLength} protocol {rule.Protocol}";

    private static string FromIp(JsonNode? rule)
    {
        var mark = Hex(rule!["fwmark"]);
        var source = Prefix(rule, "src", "srclen");
        var destination = Prefix(rule, "dst", "dstlen");
        return $"{(uint)rule["priority"]!} table {(string?)rule["table"] ?? "0"} from {source} to {destination} mark {mark:x}/{(mark is null ? uint.MaxValue : Hex(rule["fwmask"]) ?? uint.MaxValue):x} "
            + $"iif {(string?)rule["iif"]} oif {(string?)rule["oif"]} not {rule.AsObject().ContainsKey("not")} suppress {(int?)rule["suppress_prefixlen"]} protocol {(string?)rule["protocol"] ?? "0"}";
    }

    private static uint? Hex(JsonNode? number) => number is null ? null : uint.Parse(((string)number!)[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static IpPrefix? Prefix(JsonNode rule, string address, string length) => rule[address] is { } text && (string)text! != "all"
        ? IpPrefix.Of(System.Net.IPAddress.Parse((string)text!)) is var single && rule[length] is { } bits ? new IpPrefix(single.Address, (int)bits!) : single
        : null;
}
