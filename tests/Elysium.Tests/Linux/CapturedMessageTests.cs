using System.Net;
using System.Net.Sockets;
using Elysium.Linux;
using Elysium.Linux.Netlink;
using Elysium.WireGuard;

namespace Elysium.Tests.Linux;

/// <summary>Our messages beside those of iproute2 6.1, and our reading of what Linux 6.18 answered it (strace, write= and read=).</summary>
public sealed class CapturedMessageTests
{
    private const string Request = "c240046b00000000";

    public static TheoryData<string, string, byte[]> Requests => new()
    {
        {
            "ip route add 10.1.0.0/16 dev eth0 proto 225",
            "2c00000018000506" + Request + "02100000fee1fd0100000000080001000a0100000800040003000000",
            RouteMessages.Add(new byte[512], new Route(IpPrefix.Parse("10.1.0.0/16"), 3)).ToArray()
        },
        {
            "ip route add 10.2.0.0/16 via 192.0.2.2 dev eth0 src 192.0.2.1 metric 7 proto 225 table 51820",
            "4c00000018000506" + Request + "0210000000e1000100000000080001000a02000008000500c000020208000700c0000201080006000700000008000f006cca00000800040003000000",
            RouteMessages.Add(
                new byte[512],
                new Route(IpPrefix.Parse("10.2.0.0/16"), 3, IPAddress.Parse("192.0.2.2"), IPAddress.Parse("192.0.2.1"), 7, Table: 51820)).ToArray()
        },
        {
            "ip route add blackhole 10.3.0.0/16 proto 225",
            "2400000018000506" + Request + "02100000fee1000600000000080001000a030000",
            RouteMessages.Add(new byte[512], new Route(IpPrefix.Parse("10.3.0.0/16"), Type: RouteType.Blackhole)).ToArray()
        },
        {
            "ip -6 rule add lookup main suppress_prefixlength 0 priority 101 protocol 225",
            "3400000020000506" + Request + "0a000000fe0000010000000008000e0000000000080006006500000005001500e1000000",
            RuleMessages.Add(new byte[512], new RoutingRule(AddressFamily.InterNetworkV6, 101, RouteTable.Main, SuppressPrefixLength: 0)).ToArray()
        },
        {
            "ip addr add fd00::1/64 dev eth0 nodad",
            "4000000014000506" + Request
                + "0a4002000300000014000200fd00000000000000000000000000000114000100fd000000000000000000000000000001",
            AddressMessages.Add(new byte[512], new LinkAddress(3, IPAddress.Parse("fd00::1"), 64, Flags: AddressFlags.NoDuplicateDetection)).ToArray()
        },
        {
            "ip link set eth0 mtu 1380",
            "2800000010000500" + Request + "000000000300000000000000000000000800040064050000",
            LinkMessages.SetNumber(new byte[512], 3, Rt.IFLA_MTU, 1380).ToArray()
        },
        {
            "ip link add sw type bridge",
            "3800000010000506" + Request + "000000000000000000000000000000000700030073770000100012000a0001006272696467650000",
            LinkMessages.CreateOfKind(new byte[512], "sw", "bridge").ToArray()
        },
        {
            "ip link set eth0 master sw",
            "2800000010000500" + Request + "0000000003000000000000000000000008000a0004000000",
            LinkMessages.SetNumber(new byte[512], 3, Rt.IFLA_MASTER, 4).ToArray()
        },
        {
            "ip link del sw",
            "2000000011000500" + Request + "00000000040000000000000000000000",
            LinkMessages.Delete(new byte[512], 4).ToArray()
        },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_request_is_the_one_that_ip_sends(string command, string theirs, byte[] ours) => Parts(ours).ShouldBe(Parts(Convert.FromHexString(theirs)), command);

    [Fact]
    public void A_rule_with_a_mark_says_its_mask_beside_what_ip_sends()
    {
        var theirs = Convert.FromHexString("3c00000020000506" + Request + "02000000000000010200000008000a006cca000008000f006cca0000080006006400000005001500e1000000");
        var ours = RuleMessages.Add(new byte[512], new RoutingRule(AddressFamily.InterNetwork, 100, 51820, Mark: 51820, Inverted: true));
        Parts(ours).Except(["16=ffffffff"]).ShouldBe(Parts(theirs));
    }

    [Fact]
    public void A_dumped_route_is_read()
    {
        var route = RouteMessages.Decode(Payload(
            "4c00000018002200c240046bd534000002100000fce100010000000008000f006cca0000080001000a020000080006000700000008000700c000020108000500c00002020800040003000000"));
        route.ShouldBe(new Route(
            IpPrefix.Parse("10.2.0.0/16"),
            3,
            IPAddress.Parse("192.0.2.2"),
            IPAddress.Parse("192.0.2.1"),
            7,
            RouteNetlink.OwnProtocol,
            51820,
            RouteType.Unicast,
            NetworkScope.Universe));
    }

    [Fact]
    public void Dumped_rules_are_read()
    {
        var dump = Convert.FromHexString(
            "3400000020000200c240046bd934000002000000ff0000010000000008000f00ff00000008000e00ffffffff05001500020000004c00000020000200c240046bd934000002000000fc0000010200000008000f006cca0000"
            + "08000e00ffffffff05001500e1000000080006006400000008000a006cca000008001000ffffffff3c00000020000200c240046bd934000002000000fe0000010000000008000f00fe00000008000e00ffffffff05001500"
            + "0200000008000600fe7f00003c00000020000200c240046bd934000002000000fd0000010000000008000f00fd00000008000e00ffffffff050015000200000008000600ff7f00001400000003000200c240046bd9340000"
            + "00000000");
        var rules = new List<RoutingRule>();
        var messages = new MessageReader(dump);
        while (messages.Read() && messages.Header.Type != Nl.NLMSG_DONE)
        {
            rules.Add(RuleMessages.Decode(messages.Payload)!);
        }

        rules.ShouldBe([
            new RoutingRule(AddressFamily.InterNetwork, 0, RouteTable.Local, Protocol: 2),
            new RoutingRule(AddressFamily.InterNetwork, 100, 51820, Mark: 51820, Inverted: true),
            new RoutingRule(AddressFamily.InterNetwork, 32766, RouteTable.Main, Protocol: 2),
            new RoutingRule(AddressFamily.InterNetwork, 32767, RouteTable.Default, Protocol: 2),
        ]);
    }

    [Fact]
    public void Dumped_addresses_are_read()
    {
        AddressMessages.Decode(Payload(
            "5000000014002200c340046bd1340000021880000300000008000100c000020108000200c0000201090003006574683000000000080008008000000014000600ffffffffffffffffcfb81900cfb81900"))
            .ShouldBe(new LinkAddress(3, IPAddress.Parse("192.0.2.1"), 24, Flags: AddressFlags.Permanent));
        AddressMessages.Decode(Payload(
            "4800000014002200c340046bd13400000a4082000300000014000100fd00000000000000000000000000000114000600ffffffffffffffffdbb81900dbb819000800080082000000"))
            .ShouldBe(new LinkAddress(3, IPAddress.Parse("fd00::1"), 64, Flags: AddressFlags.Permanent | AddressFlags.NoDuplicateDetection));
    }

    [Fact]
    public void A_refusal_is_read_with_the_kernels_words()
    {
        var answer = Convert.FromHexString(
            "6000000002000002c240046be13400009bffffff2c00000018000506c240046b0000000002100000fe03000100000000080001000a09000008000500cb007101"
            + "200001004e657874686f702068617320696e76616c6964206761746577617900");
        var messages = new MessageReader(answer);
        messages.Read().ShouldBeTrue();
        var refusal = Acknowledgement.Refusal(messages.Header, messages.Payload, [], "adding a route")!;
        refusal.Errno.ShouldBe(Errno.ENETUNREACH);
        refusal.KernelMessage.ShouldBe("Nexthop has invalid gateway");
        refusal.Message.ShouldBe("Netlink failed while adding a route: ENETUNREACH: Network is unreachable (Nexthop has invalid gateway).");
    }

    private static ReadOnlySpan<byte> Payload(string message)
    {
        var reader = new MessageReader(Convert.FromHexString(message));
        reader.Read().ShouldBeTrue();
        return reader.Payload;
    }

    // Type, flags (but for those that the socket adds), the family's header, and the attributes in whatever order and with or without the nested
    // flag, which iproute2 leaves out.
    private static List<string> Parts(ReadOnlySpan<byte> message)
    {
        var reader = new MessageReader(message);
        reader.Read().ShouldBeTrue();
        var header = reader.Header.Type switch { Rt.RTM_NEWADDR => 8, Rt.RTM_NEWLINK or Rt.RTM_DELLINK => 16, _ => 12 };
        var attributes = new AttributeReader(reader.Payload[header..]);
        var parts = new List<string>();
        while (attributes.Read())
        {
            parts.Add(attributes.Type == Rt.IFLA_LINKINFO && header == 16
                ? $"{attributes.Type}={Nest(attributes.AsNest)}"
                : $"{attributes.Type}={Convert.ToHexStringLower(attributes.Value)}");
        }

        return [$"{reader.Header.Type} {reader.Header.Flags & ~(Nl.NLM_F_REQUEST | Nl.NLM_F_ACK):x} {Convert.ToHexStringLower(reader.Payload[..header])}", .. parts.Order(StringComparer.Ordinal)];
    }

    // iproute2 leaves out the closing zero of the kind.
    private static string Nest(AttributeReader nest) => nest.Read() ? $"{nest.Type}:{nest.AsString}" : "";
}
