using Elysium.Linux.Netlink;

namespace Elysium.Linux.Firewall;

/// <summary>Single values of the kernel's answers.</summary>
internal static class FirewallAnswer
{
    /// <summary>A number, which is in network order; null if the answer has none of this type.</summary>
    public static uint? Number(AttributeReader attributes, ushort type)
    {
        while (attributes.Read())
        {
            if (attributes.Type == type)
            {
                return attributes.AsBigEndianUInt32;
            }
        }

        return null;
    }

    /// <summary>A string; null if the answer has none of this type.</summary>
    public static string? Text(AttributeReader attributes, ushort type)
    {
        while (attributes.Read())
        {
            if (attributes.Type == type)
            {
                return attributes.AsString;
            }
        }

        return null;
    }

    /// <summary>Family, table and name of a chain that drops by policy what is forwarded; null for any other.</summary>
    public static string? ForwardDrop(ReadOnlySpan<byte> chain)
    {
        var attributes = AttributeReader.Behind<NetfilterHeader>(chain, out var header);
        var family = header.Family switch
        {
            Nft.NFPROTO_INET => "inet",
            Nft.NFPROTO_IPV4 => "ip",
            Nft.NFPROTO_IPV6 => "ip6",
            _ => null,
        };
        return family is not null && Number(attributes, Nft.NFTA_CHAIN_POLICY) == Nft.NF_DROP && HookOf(attributes) == Nft.NF_INET_FORWARD
            ? $"{family} {Text(attributes, Nft.NFTA_CHAIN_TABLE)} {Text(attributes, Nft.NFTA_CHAIN_NAME)}"
            : null;
    }

    /// <summary>Whether a table says that we made it.</summary>
    public static bool IsMarked(byte[] table)
    {
        var attributes = NftMessages.Attributes(table);
        while (attributes.Read())
        {
            if (attributes.Type == Nft.NFTA_TABLE_USERDATA)
            {
                return NftMessages.DecodeComment(attributes.Value) == FirewallRules.Mark;
            }
        }

        return false;
    }

    private static uint? HookOf(AttributeReader chain)
    {
        while (chain.Read())
        {
            if (chain.Type == Nft.NFTA_CHAIN_HOOK)
            {
                return Number(chain.AsNest, Nft.NFTA_HOOK_HOOKNUM);
            }
        }

        return null;
    }
}
