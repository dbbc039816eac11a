using System.Net;

namespace Elysium.Linux.Netlink;

/// <summary>Requests and answers about addresses (rtnetlink(7), RTM_NEWADDR and companions).</summary>
internal static class AddressMessages
{
    public static Span<byte> List(Span<byte> buffer, int? linkIndex = null)
    {
        var message = new MessageWriter(buffer, Rt.RTM_GETADDR, 0);
        message.Write(default(AddressHeader) with { Index = linkIndex ?? 0 });
        return message.Finish();
    }

    public static Span<byte> Add(Span<byte> buffer, LinkAddress address) => Change(buffer, Rt.RTM_NEWADDR, Nl.NLM_F_CREATE | Nl.NLM_F_EXCL, address);

    public static Span<byte> Delete(Span<byte> buffer, LinkAddress address) => Change(buffer, Rt.RTM_DELADDR, 0, address);

    public static LinkAddress? Decode(ReadOnlySpan<byte> payload)
    {
        var attributes = AttributeReader.Behind(payload, out AddressHeader header);
        if (header.Family is not (Rt.AF_INET or Rt.AF_INET6))
        {
            return null;
        }

        uint flags = header.Flags;
        IPAddress? local = null;
        IPAddress? address = null;
        while (attributes.Read())
        {
            switch (attributes.Type)
            {
                case Rt.IFA_LOCAL:
                    local = Family.Checked(attributes.AsAddress, header.Family);
                    break;
                case Rt.IFA_ADDRESS:
                    address = Family.Checked(attributes.AsAddress, header.Family);
                    break;
                case Rt.IFA_FLAGS:
                    flags = attributes.AsUInt32;
                    break;
            }
        }

        // On a point-to-point link IFA_ADDRESS is the other end; IPv6 leaves IFA_LOCAL out where they are the same.
        var peer = local is not null && address is not null && !local.Equals(address) ? address : null;
        return (local ?? address) is { } own
            ? new LinkAddress(header.Index, own, header.PrefixLength, peer, (NetworkScope)header.Scope, (AddressFlags)flags)
            : null;
    }

    private static Span<byte> Change(Span<byte> buffer, ushort type, ushort flags, LinkAddress address)
    {
        var message = new MessageWriter(buffer, type, flags);
        message.Write(new AddressHeader(
            Family.Of(address.Address),
            checked((byte)address.PrefixLength),
            (byte)address.Flags,
            (byte)address.Scope,
            address.LinkIndex));
        message.Attribute(Rt.IFA_LOCAL, address.Address);
        message.Attribute(Rt.IFA_ADDRESS, address.Peer ?? address.Address);
        if ((uint)address.Flags > byte.MaxValue)
        {
            message.Attribute(Rt.IFA_FLAGS, (uint)address.Flags);
        }

        return message.Finish();
    }
}
