using System.Net;
using System.Net.Sockets;

namespace Elysium.Linux.Netlink;

/// <summary>Requests and answers about addresses (rtnetlink(7), RTM_NEWADDR and companions).</summary>
internal static class AddressMessages
{
    public static Span<byte> List(Span<byte> buffer)
    {
        var message = new MessageWriter(buffer, Rt.RTM_GETADDR, 0);
        message.Write(default(AddressHeader));
        return message.Finish();
    }

    public static Span<byte> Add(Span<byte> buffer, int index, IPAddress address, int prefixLength) =>
        Change(buffer, Rt.RTM_NEWADDR, Nl.NLM_F_CREATE | Nl.NLM_F_EXCL, index, address, prefixLength);

    public static Span<byte> Delete(Span<byte> buffer, int index, IPAddress address, int prefixLength) =>
        Change(buffer, Rt.RTM_DELADDR, 0, index, address, prefixLength);

    public static LinkAddress? Decode(ReadOnlySpan<byte> payload)
    {
        IPAddress? local = null;
        IPAddress? address = null;
        var attributes = AttributeReader.Behind(payload, out AddressHeader header);
        while (attributes.Read())
        {
            switch (attributes.Type)
            {
                case Rt.IFA_LOCAL:
                    local = attributes.AsAddress;
                    break;
                case Rt.IFA_ADDRESS:
                    address = attributes.AsAddress;
                    break;
            }
        }

        // On a point-to-point link IFA_ADDRESS is the other end; IPv6 leaves IFA_LOCAL out where they are the same.
        return (local ?? address) is { } own ? new LinkAddress(header.Index, own, header.PrefixLength) : null;
    }

    private static Span<byte> Change(Span<byte> buffer, ushort type, ushort flags, int index, IPAddress address, int prefixLength)
    {
        var message = new MessageWriter(buffer, type, flags);

        // No duplicate address detection: on a tunnel nobody else can answer, and a tentative IPv6 address cannot be used yet.
        var isIPv6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        message.Write(new AddressHeader(Family.Of(address), checked((byte)prefixLength), isIPv6 ? Rt.IFA_F_NODAD : (byte)0, Rt.RT_SCOPE_UNIVERSE, index));
        message.Attribute(Rt.IFA_LOCAL, address);
        message.Attribute(Rt.IFA_ADDRESS, address);
        return message.Finish();
    }
}
