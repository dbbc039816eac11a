using System.Net;
using Elysium.WireGuard;

namespace Elysium.Linux;

/// <summary>An own address of an interface, such as <c>10.77.0.1/24</c>.</summary>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">How many of its leading bits name the network on that interface.</param>
public sealed record InterfaceAddress(IPAddress Address, int PrefixLength)
{
    /// <summary>The network that the address lies in.</summary>
    public IpPrefix Prefix => IpPrefix.Containing(Address, PrefixLength);

    /// <inheritdoc/>
    public override string ToString() => $"{Address}/{PrefixLength}";
}
