using System.Net;
using System.Security.Cryptography;
using Elysium.WireGuard;

namespace Elysium.Kernel.Tests;

/// <summary>Configurations.</summary>
internal static class Sample
{
    /// <summary>A key that some machine might have. No private key is made for it: that takes time on an emulated processor.</summary>
    public static PublicKey Key() => new(RandomNumberGenerator.GetBytes(PublicKey.Length));

    /// <summary>Every field that there is, in both families.</summary>
    public static DeviceSpec Everything() => new(
        PrivateKey.Generate(),
        51820,
        [
            new(Key(), [IpPrefix.Parse("10.0.0.0/8"), IpPrefix.Parse("fd00::/8")], IPEndPoint.Parse("192.0.2.7:4500"), 25, PresharedKey.Generate()),
            new(Key(), [IpPrefix.Parse("0.0.0.0/0"), IpPrefix.Parse("::/0")], IPEndPoint.Parse("[2001:db8::7]:65535"), ushort.MaxValue),
            new(Key(), [IpPrefix.Parse("10.77.0.3/32"), IpPrefix.Parse("fd00::3/128")], new IPEndPoint(IPAddress.Parse("fe80::1%1"), 1)),
            new(Key(), []),
        ],
        FirewallMark: 0xca6c);
}
