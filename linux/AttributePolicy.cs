namespace Elysium.Linux;

/// <summary>What the kernel would have taken for an attribute (linux/netlink.h, netlink_policy_type_attr); null is: not said.</summary>
/// <param name="Kind">The attribute's kind (netlink_attribute_type: 2 is u8, 4 is u32, 11 is binary …).</param>
/// <param name="Smallest">The smallest unsigned value.</param>
/// <param name="Largest">The largest unsigned value.</param>
/// <param name="SmallestSigned">The smallest signed value.</param>
/// <param name="LargestSigned">The largest signed value.</param>
/// <param name="ShortestLength">The least bytes of it.</param>
/// <param name="LongestLength">The most bytes of it.</param>
/// <param name="AllowedBits">The bits that may be set.</param>
public sealed record AttributePolicy(
    uint? Kind = null,
    ulong? Smallest = null,
    ulong? Largest = null,
    long? SmallestSigned = null,
    long? LargestSigned = null,
    uint? ShortestLength = null,
    uint? LongestLength = null,
    ulong? AllowedBits = null);
