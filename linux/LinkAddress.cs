using System.Net;

namespace Elysium.Linux;

/// <summary>An address on a link.</summary>
/// <param name="LinkIndex">Index of the link.</param>
/// <param name="Address">The machine's own address.</param>
/// <param name="PrefixLength">How many of its leading bits name the network on that link.</param>
public sealed record LinkAddress(int LinkIndex, IPAddress Address, int PrefixLength);
