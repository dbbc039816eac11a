using System.Diagnostics;
using System.Net;
using Elysium.WireGuard;

namespace Elysium.Linux.Tests.Interop;

/// <summary>
/// What must hold between us and the real <c>wg</c> on any engine: each reads what the other has set. Knows no test runner, so that a
/// program of its own can run it against the kernel.
/// </summary>
internal static class WireGuardInterop
{
    private static readonly PrivateKey Key = new([.. Enumerable.Repeat((byte)1, 32)]);
    private static readonly PublicKey[] Peers = [.. Enumerable.Range(2, 4).Select(i => new PrivateKey([.. Enumerable.Repeat((byte)i, 32)]).PublicKey)];
    private static readonly PresharedKey Preshared = new([.. Enumerable.Repeat((byte)7, 32)]);

    /// <summary>Checks, one step on the other; the device has afterwards what the last step gave it.</summary>
    /// <param name="devices">Our way to the device.</param>
    /// <param name="wg">The program <c>wg</c>.</param>
    /// <param name="name">A WireGuard device that nobody else uses; it need not be up.</param>
    /// <param name="folder">Where files for <c>wg</c> may be written.</param>
    /// <exception cref="InvalidOperationException">They disagree; the message says on what.</exception>
    public static void Check(IWireGuardDevices devices, string wg, string name, string folder)
    {
        var file = Path.Join(folder, "interop.conf");
        Device Read() => devices.Get(name) ?? throw new InvalidOperationException($"{name} is not there.");

        // 1. What we set, wg shows and we read.
        DeviceSpec? last = null;
        foreach (var spec in Specs())
        {
            if (DeviceDiff.Between(spec, Read(), last) is { } update)
            {
                devices.Apply(name, update);
            }

            last = spec;
            CheckSpec(spec, Read());
            CheckText(Read(), name, wg);
        }

        // 2. What wg sets from a file of ours, we read.
        foreach (var spec in Specs().Reverse())
        {
            var config = QuickConfig.FromDevice(new Device(name, spec.PrivateKey, spec.ListenPort, spec.FirewallMark, [.. spec.Peers.Select(peer => new Peer(
                peer.PublicKey, peer.PresharedKey, peer.Endpoint, peer.PersistentKeepalive, null, 0, 0, peer.AllowedIps))]));
            WriteSecret(file, config.Format());
            Run(wg, "setconf", name, file);
            CheckSpec(spec, Read());
            CheckText(Read(), name, wg);
        }

        // 3. What wg sets from a file that a person wrote, we read as we read the file.
        WriteSecret(file, HandWritten);
        Run(wg, "setconf", name, file);
        if (!QuickConfig.TryParse(HandWritten, out var written, out var error))
        {
            throw new InvalidOperationException($"The file that wg takes is refused: {error}");
        }

        CheckSpec(written.ToDeviceSpec(), Read());
        CheckText(Read(), name, wg);

        // 4. What wg set changes, we read; what it left, we change.
        Run(wg, "set", name, "fwmark", "0", "peer", Peers[0].ToString(), "remove", "peer", Peers[3].ToString(), "allowed-ips", "10.9.0.0/16,fd09::/32", "persistent-keepalive", "7");
        var changed = written.ToDeviceSpec() with
        {
            FirewallMark = 0,
            Peers = [.. written.ToDeviceSpec().Peers.Where(peer => peer.PublicKey != Peers[0]), new PeerSpec(Peers[3], Prefixes("10.9.0.0/16 fd09::/32"), PersistentKeepalive: 7)],
        };
        CheckSpec(changed, Read());
        CheckText(Read(), name, wg);
        devices.Apply(name, new DeviceUpdate(null, null, null, [.. Read().Peers.Select(peer => new PeerUpdate(peer.PublicKey, Remove: true))]));
        CheckText(Read(), name, wg);
        File.Delete(file);
    }

    /// <summary>Whether <c>wg show dump</c>, <c>wg show all dump</c> and <c>wg showconf</c> say of a device what we say, up to order.</summary>
    public static void CheckText(Device device, string name, string wg)
    {
        var dump = Run(wg, "show", name, "dump");
        if (!ShowDump.TryParse(name, dump, out var shown, out var error))
        {
            throw new InvalidOperationException($"wg show {name} dump cannot be read: {error}");
        }

        Same("wg show dump", ShowDump.Format(Sorted(shown)), ShowDump.Format(Sorted(device)));
        Same("wg show dump, letter by letter", SortedLetters(dump), SortedLetters(ShowDump.Format(device)));

        if (!ShowDump.TryParseAll(Run(wg, "show", "all", "dump"), out var all, out error))
        {
            throw new InvalidOperationException($"wg show all dump cannot be read: {error}");
        }

        Same("wg show all dump", ShowDump.Format(Sorted(all.Single(one => one.Name == name))), ShowDump.Format(Sorted(device)));

        var showconf = Run(wg, "showconf", name);
        if (!QuickConfig.TryParse(showconf, out var config, out error))
        {
            throw new InvalidOperationException($"wg showconf {name} cannot be read: {error}");
        }

        Same("wg showconf", Sorted(config), Sorted(QuickConfig.FromDevice(device)));
        Same("wg showconf, letter by letter", SortedLetters(showconf), SortedLetters(QuickConfig.FromDevice(device).Format()));
    }

    /// <summary>The file of a configuration whose peers and prefixes are in order, each prefix only with the last peer that claims it.</summary>
    public static string Sorted(QuickConfig config)
    {
        var owners = new Dictionary<IpPrefix, PublicKey>();
        foreach (var peer in config.Peers)
        {
            foreach (var prefix in peer.AllowedIps)
            {
                owners[prefix] = peer.PublicKey;
            }
        }

        return (config with
        {
            Peers = [.. config.Peers.OrderBy(peer => peer.PublicKey).Select(peer => peer with
            {
                AllowedIps = [.. peer.AllowedIps.Where(prefix => owners[prefix] == peer.PublicKey).Distinct().Order()],
            })],
        }).Format();
    }

    public static string Run(string program, params string[] arguments)
    {
        var (exitCode, output, errors) = TryRun(program, arguments);
        return exitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit code {exitCode}, {errors}{output}");
    }

    public static (int ExitCode, string Output, string Errors) TryRun(string program, params string[] arguments)
    {
        // A name that cannot be resolved is told at once.
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["WG_ENDPOINT_RESOLUTION_RETRIES"] = "0" },
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.GetAwaiter().GetResult());
    }

    // wg warns of a file that others can read.
    public static void WriteSecret(string file, string text)
    {
        File.WriteAllText(file, "");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(file, text);
    }

    private static string HandWritten => $"""
        # Written by a person.
        [Peer]
        publickey={Peers[0]} # before the interface
        AllowedIPs = 10.0.0.77/24 , fd00::77/64
        allowedips=10.0.1.1
        Endpoint = [::ffff:192.0.2.1]:51820
        [ interface ]
        LISTENPORT	= 051821
        Private Key = {Key.ToBase64()}
        FwMark = 51820
        [Peer]
        PresharedKey = {Preshared.ToBase64()}
        PublicKey = {Peers[1]}
        PersistentKeepalive = OFF
        AllowedIPs = 0.0.0.0/0, ::/0, 10.0.1.1/32
        endpoint = 2001:db8::1:51820
        [Peer]
        PublicKey = {Peers[2]}
        """.Replace("\n", "\r\n");

    private static IEnumerable<DeviceSpec> Specs()
    {
        var four = new PeerSpec(Peers[0], Prefixes("10.0.0.0/24 10.0.1.1/32 fd00::/64"), IPEndPoint.Parse("192.0.2.1:51820"), 25, Preshared);
        var six = new PeerSpec(Peers[1], Prefixes("0.0.0.0/0 ::/0 ::ffff:192.0.2.0/120 2001:db8::1/128"), IPEndPoint.Parse("[2001:db8::1]:65535"), 65535);
        var bare = new PeerSpec(Peers[2], []);
        yield return new DeviceSpec(Key, 51820, [four, six, bare], 0xca6c);
        yield return new DeviceSpec(Key, 51820, [four with { PresharedKey = null, PersistentKeepalive = 0 }, six, bare], 0xffffffff);
        yield return new DeviceSpec(Key, 51821, [six with { AllowedIps = four.AllowedIps }, four with { AllowedIps = six.AllowedIps }]);
        yield return new DeviceSpec(new PrivateKey([.. Enumerable.Repeat((byte)9, 32)]), 51822, [four with { Endpoint = IPEndPoint.Parse("[2001:db8::2]:1") }, bare with { PresharedKey = Preshared }], 1);
        yield return new DeviceSpec(Key, 51823, []);
    }

    private static void CheckSpec(DeviceSpec spec, Device device)
    {
        if (DeviceDiff.Between(spec, device, null) is { } update)
        {
            throw new InvalidOperationException(
                $"{device.Name} is not what was set: private key differs {update.PrivateKey is not null}, port {update.ListenPort}, mark {update.FirewallMark}, "
                + $"peers {string.Join(", ", update.Peers)}.");
        }
    }

    private static Device Sorted(Device device) => device with
    {
        Peers = [.. device.Peers.OrderBy(peer => peer.PublicKey).Select(peer => peer with
        {
            // A dump has whole seconds.
            LastHandshake = peer.LastHandshake is { } time ? DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds()) : null,
            AllowedIps = [.. peer.AllowedIps.Order()],
        })],
    };

    // Empty lines are not counted: wg ends with one when there is no peer.
    private static string SortedLetters(string text) => string.Concat(text.Where(letter => letter != '\n').Order());

    private static IpPrefix[] Prefixes(string text) => [.. text.Split(' ').Select(prefix => IpPrefix.Parse(prefix))];

    private static void Same(string what, string theirs, string ours)
    {
        if (theirs != ours)
        {
            throw new InvalidOperationException($"{what}: wg says\n{theirs}and we say\n{ours}");
        }
    }
}
