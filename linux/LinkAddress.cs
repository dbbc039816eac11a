using System.Net;

namespace Elysium.Linux;

/// <summary>An address on a link.</summary>
/// <param name="LinkIndex">Index of the link.</param>
/// <param name="Address">The machine's own address.</param>
/// <param name="PrefixLength">How many of its leading bits name the network on that link.</param>
/// <param name="Peer">The other end of a point-to-point link; null where there is none. The prefix is then the peer's.</param>
/// <param name="Scope">How far it is known.</param>
/// <param name="Flags">What else is to be said of it.</param>
public sealed record LinkAddress(
    int LinkIndex,
    IPAddress Address,
    int PrefixLength,
    IPAddress? Peer = null,
    NetworkScope Scope = NetworkScope.Universe,
    AddressFlags Flags = AddressFlags.None);
