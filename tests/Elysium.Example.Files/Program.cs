// wg show wg0 dump | ./files /etc/wireguard/wg0.conf
using System.Net;
using Elysium.WireGuard;

// 1. What should be: a file of wg-quick. An error says the line, what is wrong and what is allowed.
if (!QuickConfig.TryParse(File.ReadAllText(args[0]), out var config, out var error))
{
    Console.Error.WriteLine($"{args[0]}: {error}");
    return 1;
}

// 2. What is: the dump of wg, here from the standard input.
if (!ShowDump.TryParse("wg0", Console.In.ReadToEnd(), out var actual, out error))
{
    Console.Error.WriteLine($"the dump: {error}");
    return 1;
}

// 3. Only this program asks for names; the library opens no socket to read a file.
var wanted = config.ToDeviceSpec(name => new IPEndPoint(Dns.GetHostAddresses(name.Host)[0], name.Port));

// 4. The difference, as WireGuard would be told it.
if (DeviceDiff.Between(wanted, actual, lastApplied: null) is not { } update)
{
    Console.WriteLine("nothing to change");
    return 0;
}

if (update.ListenPort is { } port)
{
    Console.WriteLine($"listen on port {port}");
}

foreach (var peer in update.Peers)
{
    var verb = peer.Remove ? "remove" : peer.UpdateOnly ? "change" : "add";
    Console.WriteLine($"{verb} {peer.PublicKey} {string.Join(", ", peer.AllowedIps ?? [])}");
}

return 0;
