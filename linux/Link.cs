namespace Elysium.Linux;

/// <summary>A network interface.</summary>
/// <param name="Index">Its number in its namespace.</param>
/// <param name="Name">Its name, at most 15 bytes.</param>
/// <param name="Kind">What made it, such as <c>veth</c>, <c>bridge</c>, <c>tun</c> or <c>wireguard</c>; null for hardware and loopback.</param>
/// <param name="Mtu">Bytes.</param>
/// <param name="IsUp">Whether it is switched on (IFF_UP); it may still have no carrier.</param>
/// <param name="IsRunning">Whether it is up and has a carrier (IFF_RUNNING).</param>
/// <param name="Bridge">Index of the bridge (or other master) that it belongs to; null is none.</param>
public sealed record Link(int Index, string Name, string? Kind, int Mtu, bool IsUp, bool IsRunning, int? Bridge);
