namespace Elysium.Linux.Netlink;

/// <summary>
/// A family of generic netlink: its id is given out by the running kernel, and every message is of that type. Open the socket with
/// <see cref="Nl.NETLINK_GENERIC"/>.
/// </summary>
/// <param name="Id">The type of its messages.</param>
/// <param name="Version">What the kernel speaks.</param>
/// <param name="Groups">Its multicast groups by name.</param>
internal sealed record GenericFamily(ushort Id, uint Version, IReadOnlyDictionary<string, uint> Groups)
{
    private const ushort GENL_ID_CTRL = 0x10;
    private const byte CTRL_CMD_GETFAMILY = 3;
    private const ushort CTRL_ATTR_FAMILY_ID = 1;
    private const ushort CTRL_ATTR_FAMILY_NAME = 2;
    private const ushort CTRL_ATTR_VERSION = 3;
    private const ushort CTRL_ATTR_MCAST_GROUPS = 7;
    private const ushort CTRL_ATTR_MCAST_GRP_NAME = 1;
    private const ushort CTRL_ATTR_MCAST_GRP_ID = 2;

    // GENL_NAMSIZ - 1.
    private const int LongestName = 15;

    /// <summary>Asks the kernel, which loads the module that has it, if it may; null if there is none.</summary>
    public static GenericFamily? Find(NetlinkSocket socket, string name)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, LongestName);
        var message = new MessageWriter(stackalloc byte[64], GENL_ID_CTRL, 0);
        message.Write(new GenericHeader(CTRL_CMD_GETFAMILY, 1));
        message.Attribute(CTRL_ATTR_FAMILY_NAME, name);
        return socket.Find(message.Finish(), Decode, $"looking for the netlink family {name}", Errno.ENOENT);
    }

    public static GenericFamily Decode(ReadOnlySpan<byte> payload)
    {
        ushort id = 0;
        uint version = 0;
        var groups = new Dictionary<string, uint>();
        var attributes = AttributeReader.Behind(payload, out GenericHeader _);
        while (attributes.Read())
        {
            switch (attributes.Type)
            {
                case CTRL_ATTR_FAMILY_ID:
                    id = attributes.AsUInt16;
                    break;
                case CTRL_ATTR_VERSION:
                    version = attributes.AsUInt32;
                    break;
                case CTRL_ATTR_MCAST_GROUPS:
                    var list = attributes.AsNest;
                    while (list.Read())
                    {
                        var (group, number) = Group(list.AsNest);
                        groups[group] = number;
                    }

                    break;
            }
        }

        return id != 0 ? new GenericFamily(id, version, groups) : throw new InvalidDataException("a generic netlink family has no id");
    }

    private static (string Name, uint Id) Group(AttributeReader attributes)
    {
        var name = "";
        uint id = 0;
        while (attributes.Read())
        {
            switch (attributes.Type)
            {
                case CTRL_ATTR_MCAST_GRP_NAME:
                    name = attributes.AsString;
                    break;
                case CTRL_ATTR_MCAST_GRP_ID:
                    id = attributes.AsUInt32;
                    break;
            }
        }

        return (name, id);
    }
}
