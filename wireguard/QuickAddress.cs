using System.Net;
using System.Net.Sockets;

namespace Elysium.WireGuard;

/// <summary>
/// An address of an interface with the length of its network's prefix, such as <c>10.77.0.2/24</c>; unlike an <see cref="IpPrefix"/>
/// it keeps its host bits.
/// </summary>
public readonly record struct QuickAddress
{
    private readonly IPAddress? _address;

    /// <summary>Makes one; the zone of a link-local address is left out.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is no length of this family.</exception>
    public QuickAddress(IPAddress address, int prefixLength)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentOutOfRangeException.ThrowIfNegative(prefixLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prefixLength, LongestPrefix(address));
        _address = new IPAddress(address.GetAddressBytes());
        PrefixLength = prefixLength;
    }

    /// <summary>The address; <c>0.0.0.0</c> in <see langword="default"/>.</summary>
    public IPAddress Address => _address ?? IPAddress.Any;

    /// <summary>How many leading bits name the network: 0 to 32, or to 128.</summary>
    public int PrefixLength { get; }

    /// <summary>The network that it lies in.</summary>
    public IpPrefix Network => IpPrefix.Containing(Address, PrefixLength);

    /// <summary><c>10.77.0.2/24</c></summary>
    public override string ToString() => $"{Address}/{PrefixLength}";

    internal static int LongestPrefix(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32;
}
