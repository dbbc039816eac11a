using System.Text;

namespace Elysium.Linux.Netlink;

/// <summary>Requests and answers about links (rtnetlink(7), RTM_NEWLINK and companions).</summary>
internal static class LinkMessages
{
    public static Span<byte> List(Span<byte> buffer)
    {
        var message = new MessageWriter(buffer, Rt.RTM_GETLINK, 0);
        message.Write(default(LinkHeader));
        message.Attribute(Rt.IFLA_EXT_MASK, Rt.RTEXT_FILTER_SKIP_STATS);
        return message.Finish();
    }

    public static Span<byte> Find(Span<byte> buffer, string name)
    {
        var message = new MessageWriter(buffer, Rt.RTM_GETLINK, 0);
        message.Write(default(LinkHeader));
        message.Attribute(Rt.IFLA_IFNAME, Checked(name));
        message.Attribute(Rt.IFLA_EXT_MASK, Rt.RTEXT_FILTER_SKIP_STATS);
        return message.Finish();
    }

    public static Span<byte> CreateVeth(Span<byte> buffer, string name, string peerName)
    {
        var message = Create(buffer, name);
        var info = message.BeginNest(Rt.IFLA_LINKINFO);
        message.Attribute(Rt.IFLA_INFO_KIND, "veth");
        var data = message.BeginNest(Rt.IFLA_INFO_DATA);
        var peer = message.BeginNest(Rt.VETH_INFO_PEER);
        message.Write(default(LinkHeader));
        message.Attribute(Rt.IFLA_IFNAME, Checked(peerName));
        message.EndNest(peer);
        message.EndNest(data);
        message.EndNest(info);
        return message.Finish();
    }

    /// <summary>Of a kind that needs no more than its name: <c>bridge</c>, <c>wireguard</c>.</summary>
    public static Span<byte> CreateOfKind(Span<byte> buffer, string name, string kind)
    {
        var message = Create(buffer, name);
        var info = message.BeginNest(Rt.IFLA_LINKINFO);
        message.Attribute(Rt.IFLA_INFO_KIND, kind);
        message.EndNest(info);
        return message.Finish();
    }

    public static Span<byte> Delete(Span<byte> buffer, int index)
    {
        var message = new MessageWriter(buffer, Rt.RTM_DELLINK, 0);
        message.Write(new LinkHeader(Rt.AF_UNSPEC, 0, 0, index, 0, 0));
        return message.Finish();
    }

    public static Span<byte> SetFlag(Span<byte> buffer, int index, uint flag, bool on)
    {
        var message = new MessageWriter(buffer, Rt.RTM_NEWLINK, 0);
        message.Write(new LinkHeader(Rt.AF_UNSPEC, 0, 0, index, on ? flag : 0, flag));
        return message.Finish();
    }

    public static Span<byte> SetNumber(Span<byte> buffer, int index, ushort attribute, int value)
    {
        var message = Change(buffer, index);
        message.Attribute(attribute, value);
        return message.Finish();
    }

    public static Span<byte> Rename(Span<byte> buffer, int index, string name)
    {
        var message = Change(buffer, index);
        message.Attribute(Rt.IFLA_IFNAME, Checked(name));
        return message.Finish();
    }

    public static Link? Decode(ReadOnlySpan<byte> payload)
    {
        var attributes = AttributeReader.Behind(payload, out LinkHeader header);
        if (header.Family != Rt.AF_UNSPEC)
        {
            // What a bridge says of its port: a removal there is none of the link.
            return null;
        }

        var name = "";
        string? kind = null;
        var mtu = 0;
        int? master = null;
        while (attributes.Read())
        {
            switch (attributes.Type)
            {
                case Rt.IFLA_IFNAME:
                    name = attributes.AsString;
                    break;
                case Rt.IFLA_MTU:
                    mtu = attributes.AsInt32;
                    break;
                case Rt.IFLA_MASTER:
                    master = attributes.AsInt32;
                    break;
                case Rt.IFLA_LINKINFO:
                    kind = Kind(attributes.AsNest);
                    break;
            }
        }

        return new Link(header.Index, name, kind, mtu, (header.Flags & Rt.IFF_UP) != 0, (header.Flags & Rt.IFF_RUNNING) != 0, master);
    }

    /// <summary>Whether it fits into one (IFNAMSIZ).</summary>
    public static bool IsName(string name) => Encoding.UTF8.GetByteCount(name) is > 0 and <= InterfaceName.MaxLength;

    /// <summary>The name, if it fits into one.</summary>
    /// <exception cref="ArgumentException">It does not.</exception>
    public static string Checked(string name) => IsName(name)
        ? name
        : throw new ArgumentException($"'{name}' cannot name a link: it has 1 to {InterfaceName.MaxLength} bytes.", nameof(name));

    private static MessageWriter Create(Span<byte> buffer, string name)
    {
        var message = new MessageWriter(buffer, Rt.RTM_NEWLINK, Nl.NLM_F_CREATE | Nl.NLM_F_EXCL);
        message.Write(default(LinkHeader));
        message.Attribute(Rt.IFLA_IFNAME, Checked(name));
        return message;
    }

    private static MessageWriter Change(Span<byte> buffer, int index)
    {
        var message = new MessageWriter(buffer, Rt.RTM_NEWLINK, 0);
        message.Write(new LinkHeader(Rt.AF_UNSPEC, 0, 0, index, 0, 0));
        return message;
    }

    private static string? Kind(AttributeReader info)
    {
        while (info.Read())
        {
            if (info.Type == Rt.IFLA_INFO_KIND)
            {
                return info.AsString;
            }
        }

        return null;
    }
}
