using Elysium.WireGuard;

namespace Elysium.Linux;

/// <summary>What a WireGuard interface should be, whole.</summary>
/// <param name="Name">Its name, such as <c>wg0</c>; at most 15 of letters, digits, <c>_ = + . -</c>.</param>
/// <param name="Mtu">Bytes; 1420 leaves room for WireGuard over IPv6 on Ethernet.</param>
/// <param name="Addresses">Its own addresses.</param>
/// <param name="Routes">Prefixes that leave by it. One that the kernel adds itself (the network of an address) may be named or not.</param>
/// <param name="Device">Key, port and peers.</param>
/// <param name="Forwarding">Whether what comes in by it may go on to others (and back out of it): a hub relays, an agent does not.</param>
public sealed record InterfaceSpec(
    string Name,
    int Mtu,
    IReadOnlyList<InterfaceAddress> Addresses,
    IReadOnlyList<IpPrefix> Routes,
    DeviceSpec Device,
    bool Forwarding = false);
