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
}
