using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Elysium.Linux.Netlink;

/// <summary>Requests and answers about nf_tables, all of the family inet but where it says so.</summary>
internal static class NftMessages
{
    // A comment is stored with its length in a byte (libnftnl, udata.c), and nft takes 128 characters.
    private const int MaxComment = 127;

    /// <summary>Opens a batch, which the kernel takes whole or not at all.</summary>
    /// <param name="buffer">Where it is written.</param>
    /// <param name="generation">The generation it is meant for: in any other it is refused (ERESTART).</param>
    public static Span<byte> BeginBatch(Span<byte> buffer, uint generation)
    {
        var message = Batch(buffer, Nft.NFNL_MSG_BATCH_BEGIN);
        message.BigEndian(Nft.NFNL_BATCH_GENID, generation);
        return message.Finish();
    }

    /// <summary>
    /// Asks for an answer to the last of a batch's messages, to be called before it is closed. A batch that works has no other answer, and
    /// what is wrong with it is told before this one.
    /// </summary>
    public static void Acknowledge(Span<byte> messages)
    {
        var (offset, last) = (0, 0);
        while (offset < messages.Length)
        {
            last = offset;
            offset += Nl.Align(MemoryMarshal.Read<MessageHeader>(messages[offset..]).Length);
        }

        var header = MemoryMarshal.Read<MessageHeader>(messages[last..]);
        MemoryMarshal.Write(messages[last..], header with { Flags = (ushort)(header.Flags | Nl.NLM_F_ACK) });
    }

    public static Span<byte> EndBatch(Span<byte> buffer) => Batch(buffer, Nft.NFNL_MSG_BATCH_END).Finish();

    public static Span<byte> Generation(Span<byte> buffer) => Start(buffer, Nft.NFT_MSG_GETGEN, 0, Nft.NFPROTO_UNSPEC).Finish();

    public static Span<byte> AddTable(Span<byte> buffer, string table, string comment)
    {
        var message = Table(buffer, Nft.NFT_MSG_NEWTABLE, table);
        message.BigEndian(Nft.NFTA_TABLE_FLAGS, 0u);
        Comment(ref message, Nft.NFTA_TABLE_USERDATA, comment);
        return message.Finish();
    }

    public static Span<byte> GetTable(Span<byte> buffer, string table) => Table(buffer, Nft.NFT_MSG_GETTABLE, table).Finish();

    public static Span<byte> DeleteTable(Span<byte> buffer, string table) => Table(buffer, Nft.NFT_MSG_DELTABLE, table).Finish();

    /// <summary>A chain that others jump to.</summary>
    public static Span<byte> AddChain(Span<byte> buffer, string table, string chain) => Chain(buffer, table, chain).Finish();

    /// <summary>A chain that the kernel calls for every packet at a place of its way, and that lets pass what no rule judges.</summary>
    public static Span<byte> AddChain(Span<byte> buffer, string table, string chain, string type, uint hook, int priority)
    {
        var message = Chain(buffer, table, chain);
        message.Attribute(Nft.NFTA_CHAIN_TYPE, type);
        message.BigEndian(Nft.NFTA_CHAIN_POLICY, Nft.NF_ACCEPT);
        var nest = message.BeginNest(Nft.NFTA_CHAIN_HOOK);
        message.BigEndian(Nft.NFTA_HOOK_HOOKNUM, hook);
        message.BigEndian(Nft.NFTA_HOOK_PRIORITY, (uint)priority);
        message.EndNest(nest);
        return message.Finish();
    }

    /// <summary>The chains of all tables of a family, or of all families: the kernel cannot be asked for those of one table.</summary>
    public static Span<byte> ListChains(Span<byte> buffer, byte family) => Start(buffer, Nft.NFT_MSG_GETCHAIN, 0, family).Finish();

    /// <summary>A rule behind those that the chain has.</summary>
    public static Span<byte> AddRule(Span<byte> buffer, string table, string chain, string comment, IReadOnlyList<NftExpression> expressions)
    {
        var message = Start(buffer, Nft.NFT_MSG_NEWRULE, Nl.NLM_F_CREATE | Nl.NLM_F_APPEND, Nft.NFPROTO_INET);
        message.Attribute(Nft.NFTA_RULE_TABLE, table);
        message.Attribute(Nft.NFTA_RULE_CHAIN, chain);
        var nest = message.BeginNest(Nft.NFTA_RULE_EXPRESSIONS);
        foreach (var expression in expressions)
        {
            expression(ref message);
        }

        message.EndNest(nest);
        if (comment.Length > 0)
        {
            Comment(ref message, Nft.NFTA_RULE_USERDATA, comment);
        }

        return message.Finish();
    }

    public static Span<byte> ListRules(Span<byte> buffer, string table)
    {
        var message = Start(buffer, Nft.NFT_MSG_GETRULE, 0, Nft.NFPROTO_INET);
        message.Attribute(Nft.NFTA_RULE_TABLE, table);
        return message.Finish();
    }

    /// <summary>The attributes of a table, chain, rule or generation, behind the message's header.</summary>
    public static AttributeReader Attributes(ReadOnlySpan<byte> payload) => AttributeReader.Behind<NetfilterHeader>(payload, out _);

    /// <summary>The comment in a table's or a rule's user data: a list of tag, length, value; null if there is none.</summary>
    public static string? DecodeComment(ReadOnlySpan<byte> userData)
    {
        while (userData.Length >= 2 && userData.Length >= 2 + userData[1])
        {
            if (userData[0] == Nft.UserDataComment)
            {
                return Encoding.UTF8.GetString(userData.Slice(2, userData[1]).TrimEnd((byte)0));
            }

            userData = userData[(2 + userData[1])..];
        }

        return null;
    }

    private static MessageWriter Start(Span<byte> buffer, ushort type, ushort flags, byte family)
    {
        var message = new MessageWriter(buffer, type, flags);
        message.Write(new NetfilterHeader(family));
        return message;
    }

    private static MessageWriter Batch(Span<byte> buffer, ushort type)
    {
        var message = new MessageWriter(buffer, type, 0);
        message.Write(new NetfilterHeader(Nft.NFPROTO_UNSPEC, 0, BinaryPrimitives.ReverseEndianness(Nft.NFNL_SUBSYS_NFTABLES)));
        return message;
    }

    private static MessageWriter Table(Span<byte> buffer, ushort type, string table)
    {
        var message = Start(buffer, type, type == Nft.NFT_MSG_NEWTABLE ? Nl.NLM_F_CREATE : (ushort)0, Nft.NFPROTO_INET);
        message.Attribute(Nft.NFTA_TABLE_NAME, table);
        return message;
    }

    private static MessageWriter Chain(Span<byte> buffer, string table, string chain)
    {
        var message = Start(buffer, Nft.NFT_MSG_NEWCHAIN, Nl.NLM_F_CREATE, Nft.NFPROTO_INET);
        message.Attribute(Nft.NFTA_CHAIN_TABLE, table);
        message.Attribute(Nft.NFTA_CHAIN_NAME, chain);
        return message;
    }

    private static void Comment(ref MessageWriter message, ushort type, string comment)
    {
        Span<byte> bytes = stackalloc byte[2 + MaxComment + 1];
        bytes.Clear();
        bytes[0] = Nft.UserDataComment;
        var length = Encoding.UTF8.GetBytes(comment, bytes[2..^1]) + 1;
        bytes[1] = (byte)length;
        message.Attribute(type, bytes[..(2 + length)]);
    }
}
