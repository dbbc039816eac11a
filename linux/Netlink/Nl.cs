namespace Elysium.Linux.Netlink;

/// <summary>linux/netlink.h.</summary>
internal static class Nl
{
    public const int HeaderLength = 16;
    public const int AttributeHeaderLength = 4;

    public const int NETLINK_ROUTE = 0;
    public const int NETLINK_NETFILTER = 12;
    public const int NETLINK_GENERIC = 16;

    /// <summary>MAX_ERRNO of linux/err.h.</summary>
    public const int LargestErrno = 4095;

    public const ushort NLMSG_NOOP = 1;
    public const ushort NLMSG_ERROR = 2;
    public const ushort NLMSG_DONE = 3;

    public const ushort NLM_F_REQUEST = 0x1;
    public const ushort NLM_F_MULTI = 0x2;
    public const ushort NLM_F_ACK = 0x4;
    public const ushort NLM_F_DUMP_INTR = 0x10;
    public const ushort NLM_F_DUMP = 0x300;
    public const ushort NLM_F_ECHO = 0x8;
    public const ushort NLM_F_REPLACE = 0x100;
    public const ushort NLM_F_EXCL = 0x200;
    public const ushort NLM_F_CREATE = 0x400;
    public const ushort NLM_F_APPEND = 0x800;
    public const ushort NLM_F_NONREC = 0x100;
    public const ushort NLM_F_CAPPED = 0x100;
    public const ushort NLM_F_ACK_TLVS = 0x200;

    public const ushort NLA_F_NESTED = 0x8000;
    public const ushort NLA_TYPE_MASK = 0x3fff;

    public const ushort NLMSGERR_ATTR_MSG = 1;
    public const ushort NLMSGERR_ATTR_OFFS = 2;
    public const ushort NLMSGERR_ATTR_POLICY = 4;
    public const ushort NLMSGERR_ATTR_MISS_TYPE = 5;

    public const ushort NL_POLICY_TYPE_ATTR_TYPE = 1;
    public const ushort NL_POLICY_TYPE_ATTR_MIN_VALUE_S = 2;
    public const ushort NL_POLICY_TYPE_ATTR_MAX_VALUE_S = 3;
    public const ushort NL_POLICY_TYPE_ATTR_MIN_VALUE_U = 4;
    public const ushort NL_POLICY_TYPE_ATTR_MAX_VALUE_U = 5;
    public const ushort NL_POLICY_TYPE_ATTR_MIN_LENGTH = 6;
    public const ushort NL_POLICY_TYPE_ATTR_MAX_LENGTH = 7;
    public const ushort NL_POLICY_TYPE_ATTR_MASK = 12;

    public const int NETLINK_ADD_MEMBERSHIP = 1;
    public const int NETLINK_CAP_ACK = 10;
    public const int NETLINK_EXT_ACK = 11;
    public const int NETLINK_GET_STRICT_CHK = 12;

    /// <summary>Everything in a netlink message starts at a multiple of four.</summary>
    public static int Align(int length) => (length + 3) & ~3;
}
