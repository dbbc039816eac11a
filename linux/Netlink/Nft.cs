namespace Elysium.Linux.Netlink;

/// <summary>linux/netfilter/nfnetlink.h, linux/netfilter/nf_tables.h and what they use of linux/netfilter.h.</summary>
internal static class Nft
{
    public const ushort NFNL_MSG_BATCH_BEGIN = 0x10;
    public const ushort NFNL_MSG_BATCH_END = 0x11;
    public const ushort NFNL_BATCH_GENID = 1;
    public const ushort NFNL_SUBSYS_NFTABLES = 10;

    public const ushort NFT_MSG_NEWTABLE = NFNL_SUBSYS_NFTABLES << 8;
    public const ushort NFT_MSG_GETTABLE = NFT_MSG_NEWTABLE + 1;
    public const ushort NFT_MSG_DELTABLE = NFT_MSG_NEWTABLE + 2;
    public const ushort NFT_MSG_NEWCHAIN = NFT_MSG_NEWTABLE + 3;
    public const ushort NFT_MSG_GETCHAIN = NFT_MSG_NEWTABLE + 4;
    public const ushort NFT_MSG_NEWRULE = NFT_MSG_NEWTABLE + 6;
    public const ushort NFT_MSG_GETRULE = NFT_MSG_NEWTABLE + 7;
    public const ushort NFT_MSG_GETGEN = NFT_MSG_NEWTABLE + 16;

    public const byte NFPROTO_UNSPEC = 0;
    public const byte NFPROTO_INET = 1;
    public const byte NFPROTO_IPV4 = 2;
    public const byte NFPROTO_IPV6 = 10;

    public const ushort NFTA_GEN_ID = 1;

    public const ushort NFTA_TABLE_NAME = 1;
    public const ushort NFTA_TABLE_FLAGS = 2;
    public const ushort NFTA_TABLE_USE = 3;
    public const ushort NFTA_TABLE_USERDATA = 6;

    public const ushort NFTA_CHAIN_TABLE = 1;
    public const ushort NFTA_CHAIN_NAME = 3;
    public const ushort NFTA_CHAIN_HOOK = 4;
    public const ushort NFTA_CHAIN_POLICY = 5;
    public const ushort NFTA_CHAIN_TYPE = 7;

    public const ushort NFTA_HOOK_HOOKNUM = 1;
    public const ushort NFTA_HOOK_PRIORITY = 2;

    public const uint NF_INET_LOCAL_IN = 1;
    public const uint NF_INET_FORWARD = 2;
    public const uint NF_INET_LOCAL_OUT = 3;
    public const uint NF_INET_POST_ROUTING = 4;

    public const int NF_IP_PRI_FILTER = 0;
    public const int NF_IP_PRI_NAT_SRC = 100;

    public const uint NF_DROP = 0;
    public const uint NF_ACCEPT = 1;
    public const uint NFT_JUMP = unchecked((uint)-3);
    public const uint NFT_RETURN = unchecked((uint)-5);

    public const ushort NFTA_RULE_TABLE = 1;
    public const ushort NFTA_RULE_CHAIN = 2;
    public const ushort NFTA_RULE_EXPRESSIONS = 4;
    public const ushort NFTA_RULE_USERDATA = 7;

    public const ushort NFTA_LIST_ELEM = 1;
    public const ushort NFTA_EXPR_NAME = 1;
    public const ushort NFTA_EXPR_DATA = 2;
    public const ushort NFTA_DATA_VALUE = 1;
    public const ushort NFTA_DATA_VERDICT = 2;
    public const ushort NFTA_VERDICT_CODE = 1;
    public const ushort NFTA_VERDICT_CHAIN = 2;

    public const uint NFT_REG_VERDICT = 0;
    public const uint NFT_REG_1 = 1;

    public const ushort NFTA_META_DREG = 1;
    public const ushort NFTA_META_KEY = 2;
    public const uint NFT_META_IIFNAME = 6;
    public const uint NFT_META_OIFNAME = 7;
    public const uint NFT_META_NFPROTO = 15;
    public const uint NFT_META_L4PROTO = 16;

    public const ushort NFTA_CMP_SREG = 1;
    public const ushort NFTA_CMP_OP = 2;
    public const ushort NFTA_CMP_DATA = 3;
    public const uint NFT_CMP_EQ = 0;
    public const uint NFT_CMP_NEQ = 1;

    public const ushort NFTA_PAYLOAD_DREG = 1;
    public const ushort NFTA_PAYLOAD_BASE = 2;
    public const ushort NFTA_PAYLOAD_OFFSET = 3;
    public const ushort NFTA_PAYLOAD_LEN = 4;
    public const uint NFT_PAYLOAD_NETWORK_HEADER = 1;
    public const uint NFT_PAYLOAD_TRANSPORT_HEADER = 2;

    public const ushort NFTA_BITWISE_SREG = 1;
    public const ushort NFTA_BITWISE_DREG = 2;
    public const ushort NFTA_BITWISE_LEN = 3;
    public const ushort NFTA_BITWISE_MASK = 4;
    public const ushort NFTA_BITWISE_XOR = 5;
    public const ushort NFTA_BITWISE_OP = 6;
    public const uint NFT_BITWISE_MASK_XOR = 0;

    public const ushort NFTA_IMMEDIATE_DREG = 1;
    public const ushort NFTA_IMMEDIATE_DATA = 2;

    public const ushort NFTA_COUNTER_BYTES = 1;
    public const ushort NFTA_COUNTER_PACKETS = 2;

    public const ushort NFTA_CT_DREG = 1;
    public const ushort NFTA_CT_KEY = 2;
    public const ushort NFTA_CT_DIRECTION = 3;
    public const uint NFT_CT_STATE = 0;
    public const uint NFT_CT_SRC_IP = 19;
    public const uint NFT_CT_SRC_IP6 = 21;
    public const byte IP_CT_DIR_ORIGINAL = 0;

    // NF_CT_STATE_BIT of IP_CT_ESTABLISHED and of IP_CT_RELATED.
    public const uint CT_STATE_ESTABLISHED = 2;
    public const uint CT_STATE_RELATED = 4;

    public const ushort NFTA_RT_DREG = 1;
    public const ushort NFTA_RT_KEY = 2;
    public const uint NFT_RT_TCPMSS = 3;

    public const ushort NFTA_BYTEORDER_SREG = 1;
    public const ushort NFTA_BYTEORDER_DREG = 2;
    public const ushort NFTA_BYTEORDER_OP = 3;
    public const ushort NFTA_BYTEORDER_LEN = 4;
    public const ushort NFTA_BYTEORDER_SIZE = 5;
    public const uint NFT_BYTEORDER_HTON = 1;

    public const ushort NFTA_EXTHDR_TYPE = 2;
    public const ushort NFTA_EXTHDR_OFFSET = 3;
    public const ushort NFTA_EXTHDR_LEN = 4;
    public const ushort NFTA_EXTHDR_OP = 6;
    public const ushort NFTA_EXTHDR_SREG = 7;
    public const uint NFT_EXTHDR_OP_TCPOPT = 1;

    /// <summary>The first tag of a table's and of a rule's user data: a comment (libnftnl, udata.h).</summary>
    public const byte UserDataComment = 0;
}
