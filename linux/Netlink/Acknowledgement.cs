using System.Runtime.InteropServices;

namespace Elysium.Linux.Netlink;

/// <summary>Reads what the kernel answers a request with (netlink(7), NLMSG_ERROR; linux/netlink.h, nlmsgerr_attrs).</summary>
internal static class Acknowledgement
{
    /// <summary>Null for a yes; otherwise the refusal, to be thrown.</summary>
    /// <param name="header">Of an NLMSG_ERROR, or of the NLMSG_DONE that ends a dump.</param>
    /// <param name="payload">What follows it.</param>
    /// <param name="request">What was asked; the offending attribute is looked up in it.</param>
    /// <param name="doing">What we were doing.</param>
    public static NetlinkException? Refusal(MessageHeader header, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> request, string doing)
    {
        if (!MemoryMarshal.TryRead<int>(payload, out var error))
        {
            return header.Type == Nl.NLMSG_DONE ? null : throw new InvalidDataException($"an acknowledgement has {payload.Length} bytes");
        }

        if (error >= 0)
        {
            return null;
        }

        // int.MinValue has no negative; no errno is that large.
        var errno = error < -Nl.LargestErrno ? throw new InvalidDataException($"an acknowledgement says error {error}") : -error;
        var refusal = (header.Flags & Nl.NLM_F_ACK_TLVS) == 0 ? default : Extended(Attributes(header, payload));
        int? attribute = refusal.Offset is { } offset && offset >= Nl.HeaderLength && offset <= request.Length - Nl.AttributeHeaderLength
            ? MemoryMarshal.Read<AttributeHeader>(request[offset..]).Type & Nl.NLA_TYPE_MASK
            : null;
        return new NetlinkException(doing, errno, refusal.Message)
        {
            AttributeOffset = refusal.Offset,
            AttributeType = attribute,
            MissingAttribute = refusal.Missing,
            Policy = refusal.Policy,
        };
    }

    // The error is followed by our request's header (all of the request unless capped), then by the attributes.
    private static ReadOnlySpan<byte> Attributes(MessageHeader header, ReadOnlySpan<byte> payload)
    {
        long skip = sizeof(int);
        if (header.Type == Nl.NLMSG_ERROR)
        {
            skip += (header.Flags & Nl.NLM_F_CAPPED) != 0 || !MemoryMarshal.TryRead<MessageHeader>(payload[sizeof(int)..], out var request)
                ? Nl.HeaderLength
                : Math.Max(Nl.HeaderLength, ((long)request.Length + 3) & ~3);
        }

        return skip <= payload.Length ? payload[(int)skip..] : [];
    }

    private static (string? Message, int? Offset, int? Missing, AttributePolicy? Policy) Extended(ReadOnlySpan<byte> attributes)
    {
        (string? Message, int? Offset, int? Missing, AttributePolicy? Policy) said = default;
        var reader = new AttributeReader(attributes);
        while (reader.Read())
        {
            switch (reader.Type)
            {
                case Nl.NLMSGERR_ATTR_MSG:
                    said.Message = reader.AsString;
                    break;
                case Nl.NLMSGERR_ATTR_OFFS:
                    said.Offset = reader.AsInt32;
                    break;
                case Nl.NLMSGERR_ATTR_POLICY:
                    said.Policy = PolicyOf(reader.AsNest);
                    break;
                case Nl.NLMSGERR_ATTR_MISS_TYPE:
                    said.Missing = reader.AsInt32;
                    break;
            }
        }

        return said;
    }

    private static AttributePolicy PolicyOf(AttributeReader nest)
    {
        var policy = new AttributePolicy();
        while (nest.Read())
        {
            policy = nest.Type switch
            {
                Nl.NL_POLICY_TYPE_ATTR_TYPE => policy with { Kind = nest.AsUInt32 },
                Nl.NL_POLICY_TYPE_ATTR_MIN_VALUE_S => policy with { SmallestSigned = nest.AsInt64 },
                Nl.NL_POLICY_TYPE_ATTR_MAX_VALUE_S => policy with { LargestSigned = nest.AsInt64 },
                Nl.NL_POLICY_TYPE_ATTR_MIN_VALUE_U => policy with { Smallest = nest.AsUInt64 },
                Nl.NL_POLICY_TYPE_ATTR_MAX_VALUE_U => policy with { Largest = nest.AsUInt64 },
                Nl.NL_POLICY_TYPE_ATTR_MIN_LENGTH => policy with { ShortestLength = nest.AsUInt32 },
                Nl.NL_POLICY_TYPE_ATTR_MAX_LENGTH => policy with { LongestLength = nest.AsUInt32 },
                Nl.NL_POLICY_TYPE_ATTR_MASK => policy with { AllowedBits = nest.AsUInt64 },
                _ => policy,
            };
        }

        return policy;
    }
}
