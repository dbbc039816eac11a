namespace Elysium.WireGuard;

/// <summary>The cross-platform configuration protocol of userspace engines (wireguard.com/xplatform).</summary>
public static class Uapi
{
    /// <summary>Asks for the device.</summary>
    public static ReadOnlySpan<byte> GetRequest => "get=1\n\n"u8;
}
