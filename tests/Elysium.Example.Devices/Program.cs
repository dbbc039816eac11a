// sudo ./devices LAPTOP-KEY LAPTOP-ADDRESS:PORT PHONE-KEY
using System.Net;
using System.Runtime.Versioning;
using Elysium.Linux;
using Elysium.WireGuard;

[assembly: SupportedOSPlatform("linux")]

// 1. An engine: the kernel's WireGuard where the kernel has it, wireguard-go where not.
const string state = "/run/devices-example";
var engine = WireGuardEngine.Choose(EngineChoice.Automatic, state, TimeProvider.System);

// 2. What should be. A device keeps its key when this is run again.
var laptop = new PeerSpec(PublicKey.Parse(args[0]), [IpPrefix.Parse("10.77.0.2/32")], IPEndPoint.Parse(args[1]));
var phone = new PeerSpec(PublicKey.Parse(args[2]), [IpPrefix.Parse("10.77.0.3/32"), IpPrefix.Parse("fd77::3/128")]);
var device = new DeviceSpec(engine.Get("wg7")?.PrivateKey ?? PrivateKey.Generate(), ListenPort: 51877, [laptop, phone]);
var spec = new InterfaceSpec("wg7", Mtu: 1420, [new InterfaceAddress(IPAddress.Parse("10.77.0.1"), 24)], Routes: [], device);

// 3. Make it so: link, addresses, device. Only what differs is touched.
using var reconciler = new InterfaceReconciler(engine, state, TimeProvider.System);
var report = reconciler.Reconcile(spec, CancellationToken.None);
Console.WriteLine(report.Changed ? string.Join('\n', report.Changes) : "nothing to change");

// 4. Read it back.
var actual = engine.Get("wg7") ?? throw new InvalidOperationException("wg7 was taken away.");
Console.WriteLine($"{actual.Name} ({engine.Description}) has the key {device.PrivateKey.PublicKey} and {actual.Peers.Count} peers");

// 5. Change one peer and leave the rest alone. The difference is data: look at it, log it, or apply it.
var wanted = device with { Peers = [laptop with { PersistentKeepalive = 25 }, phone] };
if (DeviceDiff.Between(wanted, actual, lastApplied: device) is { } update)
{
    Console.WriteLine($"{update.Peers.Count} peer to change");
    engine.Apply("wg7", update);
}

// 6. Who was heard, and when.
foreach (var peer in engine.Get("wg7")!.Peers)
{
    var heard = peer.LastHandshake is { } time ? $"last handshake {time:u}" : "no handshake yet";
    Console.WriteLine($"{peer.PublicKey}  {heard}, {peer.ReceivedBytes} bytes in, {peer.SentBytes} bytes out");
}
