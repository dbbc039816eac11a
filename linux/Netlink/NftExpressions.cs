using System.Text;
using Elysium.WireGuard;

namespace Elysium.Linux.Netlink;

/// <summary>Writes one part of a rule: an expression of nf_tables, or the few that belong together.</summary>
internal delegate void NftExpression(ref MessageWriter message);

/// <summary>
/// The parts that our rules are made of (linux/netfilter/nf_tables.h), in the form in which nft(8) sends them, so that it lists them in
/// its own words. Numbers are in network order, unlike elsewhere in netlink. What a match loads stands in register 1; a rule goes on while its matches hold.
/// </summary>
internal static class NftExpressions
{
    private const int InterfaceNameSize = 16;

    /// <summary>It came in by this interface. By name: the rule outlives an interface that is made anew.</summary>
    public static NftExpression Iif(string name) => (ref message) => Interface(ref message, Nft.NFT_META_IIFNAME, Nft.NFT_CMP_EQ, name);

    /// <summary>It goes out by this interface.</summary>
    public static NftExpression Oif(string name) => (ref message) => Interface(ref message, Nft.NFT_META_OIFNAME, Nft.NFT_CMP_EQ, name);

    /// <summary>It goes out by another interface.</summary>
    public static NftExpression OifIsNot(string name) => (ref message) => Interface(ref message, Nft.NFT_META_OIFNAME, Nft.NFT_CMP_NEQ, name);

    /// <summary>It is of this prefix's family: to be asked before its addresses are.</summary>
    public static NftExpression FamilyOf(IpPrefix prefix) => (ref message) =>
    {
        Meta(ref message, Nft.NFT_META_NFPROTO);
        Compare(ref message, Nft.NFT_CMP_EQ, [prefix.IsIPv6 ? Nft.NFPROTO_IPV6 : Nft.NFPROTO_IPV4]);
    };

    /// <summary>Its source lies in the prefix.</summary>
    public static NftExpression Source(IpPrefix prefix) => (ref message) => Address(ref message, prefix, prefix.IsIPv6 ? 8u : 12u);

    /// <summary>Its destination lies in the prefix.</summary>
    public static NftExpression Destination(IpPrefix prefix) => (ref message) => Address(ref message, prefix, prefix.IsIPv6 ? 24u : 16u);

    /// <summary>It is an ICMP message of this type.</summary>
    public static NftExpression Icmp(byte type) => (ref message) => Icmp(ref message, Nft.NFPROTO_IPV4, 1, type);

    /// <summary>It is an ICMPv6 message of this type.</summary>
    public static NftExpression IcmpV6(byte type) => (ref message) => Icmp(ref message, Nft.NFPROTO_IPV6, 58, type);

    /// <summary>It belongs to a connection, or is an error about one, that an address of the prefix opened. Makes the kernel track connections.</summary>
    public static NftExpression OfConnectionFrom(IpPrefix prefix) => (ref message) =>
    {
        Track(ref message, Nft.NFT_CT_STATE, null);
        Span<byte> states = stackalloc byte[sizeof(uint)];
        BitConverter.TryWriteBytes(states, Nft.CT_STATE_ESTABLISHED | Nft.CT_STATE_RELATED);
        Mask(ref message, states);
        Compare(ref message, Nft.NFT_CMP_NEQ, [0, 0, 0, 0]);
        Track(ref message, prefix.IsIPv6 ? Nft.NFT_CT_SRC_IP6 : Nft.NFT_CT_SRC_IP, Nft.IP_CT_DIR_ORIGINAL);

        Compare(ref message, prefix);
    };

    /// <summary>It opens a TCP connection, and the segment size that it offers is lowered to what the paths of both directions carry.</summary>
    public static NftExpression ClampSegmentSize() => (ref message) =>
    {
        const byte Tcp = 6;
        const uint Flags = 13;
        const byte Syn = 0x02;
        const byte SynOrRst = 0x06;
        const byte MaximumSegmentSize = 2;
        Meta(ref message, Nft.NFT_META_L4PROTO);
        Compare(ref message, Nft.NFT_CMP_EQ, [Tcp]);
        Payload(ref message, Nft.NFT_PAYLOAD_TRANSPORT_HEADER, Flags, 1);
        Mask(ref message, [SynOrRst], Nft.NFT_BITWISE_MASK_XOR);
        Compare(ref message, Nft.NFT_CMP_EQ, [Syn]);

        var route = Begin(ref message, "rt");
        message.BigEndian(Nft.NFTA_RT_KEY, Nft.NFT_RT_TCPMSS);
        message.BigEndian(Nft.NFTA_RT_DREG, Nft.NFT_REG_1);
        End(ref message, route);

        var order = Begin(ref message, "byteorder");
        message.BigEndian(Nft.NFTA_BYTEORDER_SREG, Nft.NFT_REG_1);
        message.BigEndian(Nft.NFTA_BYTEORDER_DREG, Nft.NFT_REG_1);
        message.BigEndian(Nft.NFTA_BYTEORDER_OP, Nft.NFT_BYTEORDER_HTON);
        message.BigEndian(Nft.NFTA_BYTEORDER_LEN, 2u);
        message.BigEndian(Nft.NFTA_BYTEORDER_SIZE, 2u);
        End(ref message, order);

        // The kernel writes it only where it is lower than what is there (nft_exthdr.c).
        var option = Begin(ref message, "exthdr");
        message.BigEndian(Nft.NFTA_EXTHDR_SREG, Nft.NFT_REG_1);
        message.Attribute(Nft.NFTA_EXTHDR_TYPE, MaximumSegmentSize);
        message.BigEndian(Nft.NFTA_EXTHDR_OFFSET, 2u);
        message.BigEndian(Nft.NFTA_EXTHDR_LEN, 2u);
        message.BigEndian(Nft.NFTA_EXTHDR_OP, Nft.NFT_EXTHDR_OP_TCPOPT);
        End(ref message, option);
    };

    /// <summary>Counts packets and bytes that came this far.</summary>
    public static NftExpression Counter() => (ref message) => End(ref message, Begin(ref message, "counter"));

    /// <summary>Gives it the address of the interface it goes out by as its source; in a nat chain only. Makes the kernel track connections.</summary>
    public static NftExpression Masquerade() => (ref message) => End(ref message, Begin(ref message, "masq"));

    /// <summary>No rule of this base chain has a say in it any more; other tables have.</summary>
    public static NftExpression Accept() => (ref message) => Verdict(ref message, Nft.NF_ACCEPT, null);

    /// <summary>It is lost, whatever others say.</summary>
    public static NftExpression Drop() => (ref message) => Verdict(ref message, Nft.NF_DROP, null);

    /// <summary>Back to the chain that jumped here.</summary>
    public static NftExpression Return() => (ref message) => Verdict(ref message, Nft.NFT_RETURN, null);

    /// <summary>The rules of that chain are asked, then the next one here.</summary>
    public static NftExpression Jump(string chain) => (ref message) => Verdict(ref message, Nft.NFT_JUMP, chain);

    private static void Interface(ref MessageWriter message, uint key, uint comparison, string name)
    {
        // With the zeros behind it, so that wg1 is not wg10.
        Span<byte> bytes = stackalloc byte[InterfaceNameSize];
        bytes.Clear();
        Encoding.ASCII.GetBytes(name, bytes);
        Meta(ref message, key);
        Compare(ref message, comparison, bytes);
    }

    private static void Address(ref MessageWriter message, IpPrefix prefix, uint offset)
    {
        if (prefix.Length > 0)
        {
            Payload(ref message, Nft.NFT_PAYLOAD_NETWORK_HEADER, offset, (uint)ComparedBytes(prefix));
            Compare(ref message, prefix);
        }
    }

    // Whole bytes need no mask.
    private static void Compare(ref MessageWriter message, IpPrefix prefix)
    {
        if (prefix.Length % 8 != 0)
        {
            var mask = new byte[ComparedBytes(prefix)];
            mask.AsSpan(0, prefix.Length / 8).Fill(byte.MaxValue);
            mask[prefix.Length / 8] = (byte)(byte.MaxValue << (8 - (prefix.Length % 8)));
            Mask(ref message, mask);
        }

        Compare(ref message, Nft.NFT_CMP_EQ, prefix.Address.GetAddressBytes().AsSpan(0, ComparedBytes(prefix)));
    }

    private static int ComparedBytes(IpPrefix prefix) => prefix.Length % 8 == 0 ? prefix.Length / 8 : prefix.IsIPv6 ? 16 : 4;

    private static void Icmp(ref MessageWriter message, byte family, byte protocol, byte type)
    {
        Meta(ref message, Nft.NFT_META_NFPROTO);
        Compare(ref message, Nft.NFT_CMP_EQ, [family]);
        Meta(ref message, Nft.NFT_META_L4PROTO);
        Compare(ref message, Nft.NFT_CMP_EQ, [protocol]);
        Payload(ref message, Nft.NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1);
        Compare(ref message, Nft.NFT_CMP_EQ, [type]);
    }

    private static void Meta(ref MessageWriter message, uint key)
    {
        var start = Begin(ref message, "meta");
        message.BigEndian(Nft.NFTA_META_KEY, key);
        message.BigEndian(Nft.NFTA_META_DREG, Nft.NFT_REG_1);
        End(ref message, start);
    }

    private static void Payload(ref MessageWriter message, uint header, uint offset, uint length)
    {
        var start = Begin(ref message, "payload");
        message.BigEndian(Nft.NFTA_PAYLOAD_DREG, Nft.NFT_REG_1);
        message.BigEndian(Nft.NFTA_PAYLOAD_BASE, header);
        message.BigEndian(Nft.NFTA_PAYLOAD_OFFSET, offset);
        message.BigEndian(Nft.NFTA_PAYLOAD_LEN, length);
        End(ref message, start);
    }

    private static void Track(ref MessageWriter message, uint key, byte? direction)
    {
        var start = Begin(ref message, "ct");
        message.BigEndian(Nft.NFTA_CT_KEY, key);
        message.BigEndian(Nft.NFTA_CT_DREG, Nft.NFT_REG_1);
        if (direction is { } way)
        {
            message.Attribute(Nft.NFTA_CT_DIRECTION, way);
        }

        End(ref message, start);
    }

    private static void Mask(ref MessageWriter message, scoped ReadOnlySpan<byte> mask, uint? operation = null)
    {
        Span<byte> nothing = stackalloc byte[mask.Length];
        nothing.Clear();
        var start = Begin(ref message, "bitwise");
        message.BigEndian(Nft.NFTA_BITWISE_SREG, Nft.NFT_REG_1);
        message.BigEndian(Nft.NFTA_BITWISE_DREG, Nft.NFT_REG_1);
        if (operation is { } named)
        {
            // It is what is meant without a name too; nft names it here and not elsewhere.
            message.BigEndian(Nft.NFTA_BITWISE_OP, named);
        }

        message.BigEndian(Nft.NFTA_BITWISE_LEN, (uint)mask.Length);
        Value(ref message, Nft.NFTA_BITWISE_MASK, mask);
        Value(ref message, Nft.NFTA_BITWISE_XOR, nothing);
        End(ref message, start);
    }

    private static void Compare(ref MessageWriter message, uint comparison, scoped ReadOnlySpan<byte> value)
    {
        var start = Begin(ref message, "cmp");
        message.BigEndian(Nft.NFTA_CMP_SREG, Nft.NFT_REG_1);
        message.BigEndian(Nft.NFTA_CMP_OP, comparison);
        Value(ref message, Nft.NFTA_CMP_DATA, value);
        End(ref message, start);
    }

    private static void Verdict(ref MessageWriter message, uint code, string? chain)
    {
        var start = Begin(ref message, "immediate");
        message.BigEndian(Nft.NFTA_IMMEDIATE_DREG, Nft.NFT_REG_VERDICT);
        var data = message.BeginNest(Nft.NFTA_IMMEDIATE_DATA);
        var verdict = message.BeginNest(Nft.NFTA_DATA_VERDICT);
        message.BigEndian(Nft.NFTA_VERDICT_CODE, code);
        if (chain is not null)
        {
            message.Attribute(Nft.NFTA_VERDICT_CHAIN, chain);
        }

        message.EndNest(verdict);
        message.EndNest(data);
        End(ref message, start);
    }

    private static void Value(ref MessageWriter message, ushort type, scoped ReadOnlySpan<byte> value)
    {
        var start = message.BeginNest(type);
        message.Attribute(Nft.NFTA_DATA_VALUE, value);
        message.EndNest(start);
    }

    private static (int Element, int Data) Begin(ref MessageWriter message, string name)
    {
        var element = message.BeginNest(Nft.NFTA_LIST_ELEM);
        message.Attribute(Nft.NFTA_EXPR_NAME, name);
        return (element, message.BeginNest(Nft.NFTA_EXPR_DATA));
    }

    private static void End(ref MessageWriter message, (int Element, int Data) start)
    {
        message.EndNest(start.Data);
        message.EndNest(start.Element);
    }
}
