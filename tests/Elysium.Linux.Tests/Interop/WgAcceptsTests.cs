using Elysium.WireGuard;

namespace Elysium.Linux.Tests.Interop;

/// <summary>Odd files before the real <c>wg setconf</c> and before us: what each takes, and what it takes it for.</summary>
public sealed class WgAcceptsTests : IDisposable
{
    private const string Key = "GtL7fZc/bLnqZldpVofMCD6hDjrK28SsdLxevJ+qtKU=";
    private const string Other = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
    private const string Zero = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    private const string Interface = "[Interface]\n";
    private const string Peer = $"[Peer]\nPublicKey={Key}\n";

    private readonly Sandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public void Of_these_files_wg_and_we_think_the_same() => Try(
        [
            "", "\n", "# comment", "[Interface]", "[INTERFACE]#", "[ inter\tface ]", "[Interface", "[Interface]]", "[Interface]x", "[Peers]", "[]", "Interface",
            "ListenPort=1", "=", "[Interface]\n=", "[Interface]\n=1", "[Interface]\nListenPort", "[Interface]\nListenPort=", "[Interface]\nListenPort 1",
            "[Interface]\n[Interface]", $"{Peer}[Interface]\nListenPort=7", "[Interface]\r\nListenPort=7\r\n", "[Interface]\rListenPort=7",
            "[Interface]\v\f\nListenPort\t=\v7", "[Interface]\nListenPort=7#8", "[Interface]\n#ListenPort=7\nListenPort=8", "[Interface]\n;ListenPort=7",
            .. Lines(Interface, "ListenPort=0", "listenport=7", "LISTENPORT=7", "Listen Port=7 7", "ListenPort==7", "ListenPort=0007", "ListenPort=65535", "ListenPort=-1",
                "ListenPort=0x10", "ListenPort=7.0", "ListenPort=no-such-service", "ListenPort=7\nListenPort=8", "ListenPorts=7", "Port=7", "ListenPort =\u00a07",
                "ListenPort=٣"),
            .. Lines(Interface, "FwMark=0", "FwMark=off", "FwMark=OFF", "FwMark=on", "FwMark=0x", "FwMark=0x0", "FwMark=0xg", "FwMark=0X1", "FwMark=0xFFFFffff", "FwMark=0x100000000",
                "FwMark=0x00000000000000000000001", "FwMark=00000000000000000000001", "FwMark=4294967295", "FwMark=4294967296", "FwMark=18446744073709551617", "FwMark=-1",
                "FwMark=+1", "FwMark=0x-1", "FwMark=0x0x1", "FwMark=1 0", "FwMark=", "FwMark=0x1/0x2"),
            .. Lines(Interface, $"PrivateKey={Key}", $"Private Key = {Key} # mine", $"PrivateKey={Zero}", $"PrivateKey={Key}=", $"PrivateKey={Key[..43]}", "PrivateKey=", "PrivateKey=off",
                $"PrivateKey={Key}\nPrivateKey={Other}", $"PrivateKey={Key.Replace('U', 'V')}", $"PrivateKey={Key.Replace('+', '-')}", $"PrivateKey= {Key[..20]} {Key[20..]}",
                $"PublicKey={Key}", "AllowedIPs=10.0.0.0/8"),
            "[Peer]", "[Peer]\nAllowedIPs=10.0.0.0/8", "[Peer]\n[Peer]", $"[Peer]\nPublicKey={Key}", $"[Peer]\nPublicKey={Key[..42]}==", $"[Peer]\nPublicKey={Key}\nPublicKey={Other}",
            $"{Peer}[Peer]\nPublicKey={Other}\nAllowedIPs=10.0.0.0/8", $"{Peer}AllowedIPs=10.0.0.0/8\n[Peer]\nPublicKey={Other}\nAllowedIPs=10.0.0.0/8",
            $"{Peer}ListenPort=7", $"{Peer}PrivateKey={Key}", $"{Peer}Name=x",
            .. Lines(Peer, $"PresharedKey={Other}", $"PresharedKey={Zero}", $"PresharedKey={Other}\nPresharedKey={Zero}", "PresharedKey=", "PresharedKey=x"),
            .. Lines(Peer, "AllowedIPs=0.0.0.0/0", "AllowedIPs=::/0", "AllowedIPs=10.0.0.1", "AllowedIPs=fd00::1", "AllowedIPs=10.0.0.77/24", "AllowedIPs=fd00::77/64",
                "AllowedIPs=255.255.255.255/1", "AllowedIPs=10.0.0.0/024", "AllowedIPs=10.0.0.0/33", "AllowedIPs=::/129", "AllowedIPs=10.0.0.0/", "AllowedIPs=10.0.0.0/ 8",
                "AllowedIPs=10.0.0.0/-8", "AllowedIPs=10.0.0.0/+8", "AllowedIPs=10.0.0.0/8/8", "AllowedIPs=10.0.0.0/255.0.0.0", "AllowedIPs=10.0.0.0/8x",
                "AllowedIPs=10.0.0.0/4294967304", "AllowedIPs=10.0.0.0/18446744073709551624", "AllowedIPs=10.0.0/8", "AllowedIPs=10/8", "AllowedIPs=010.0.0.0/8", "AllowedIPs=0x0a.0.0.0/8",
                "AllowedIPs=10.0.0.256/32", "AllowedIPs=10.0.0.0.0/8", "AllowedIPs=.10.0.0.0/8", "AllowedIPs=10..0.0/8", "AllowedIPs=10.0.0.0/8,", "AllowedIPs=,10.0.0.0/8",
                "AllowedIPs=,", "AllowedIPs=10.0.0.0/8,,fd00::/8", "AllowedIPs=10.0.0.0/8, fd00::/8", "AllowedIPs=10.0.0.0/8 fd00::/8", "AllowedIPs=10.0.0.0/8\nAllowedIPs=fd00::/8",
                "AllowedIPs=10.0.0.0/8,10.0.0.0/8,10.1.0.0/8", "AllowedIPs=off", "AllowedIPs=any", "AllowedIPs=(none)",
                "AllowedIPs=[fd00::]/8", "AllowedIPs=fd00::1%lo/128", "AllowedIPs=fd00::1::/64", "AllowedIPs=fd00:::/64", "AllowedIPs=fd00:/64", "AllowedIPs=:fd00::/64", "AllowedIPs=:/0",
                "AllowedIPs=:::/0", "AllowedIPs=12345::/64", "AllowedIPs=0fd00::/64", "AllowedIPs=00fd::/64", "AllowedIPs=FD00::ABCD/128", "AllowedIPs=g::/64", "AllowedIPs=1:2:3:4:5:6:7:8/128",
                "AllowedIPs=1:2:3:4:5:6:7/128", "AllowedIPs=1:2:3:4:5:6:7:8:9/128", "AllowedIPs=1:2:3:4:5:6:7::/128", "AllowedIPs=::2:3:4:5:6:7:8/128", "AllowedIPs=1::2:3:4:5:6:7:8/128",
                "AllowedIPs=::ffff:10.0.0.1/128", "AllowedIPs=::ffff:10.0.0.1/96", "AllowedIPs=::10.0.0.1/128", "AllowedIPs=::ffff:010.0.0.1/128", "AllowedIPs=::ffff:10.0.0.01/128", "AllowedIPs=::ffff:10.0.0/128",
                "AllowedIPs=::ffff:10.0.0.256/128", "AllowedIPs=1:2:3:4:5:6:10.0.0.1/128", "AllowedIPs=1:2:3:4:5:6:7:10.0.0.1/128", "AllowedIPs=10.0.0.1::/64", "AllowedIPs=::10.0.0.1:1/64",
                "AllowedIPs=::0x1/128", "AllowedIPs=::1\u0663/128", "AllowedIPs=1.2.3.٤/32"),
            .. Lines(Peer, "Endpoint=192.0.2.1:51820", "Endpoint=[192.0.2.1]:51820", "Endpoint=[2001:db8::1]:51820", "Endpoint=2001:db8::1:51820", "Endpoint=::1:1", "Endpoint=[::ffff:192.0.2.1]:51820",
                "Endpoint=192.0.2.1:051820", "Endpoint=192.0.2.1", "Endpoint=192.0.2.1:", "Endpoint=:51820", "Endpoint=[]:51820", "Endpoint=[::1]", "Endpoint=[::1]:", "Endpoint=[::1]51820", "Endpoint=[::1",
                "Endpoint=[::1:51820", "Endpoint=::1]:51820", "Endpoint=[[::1]]:51820", "Endpoint=192.0.2.256:1", "Endpoint=192.0.2.1:port", "Endpoint=192.0.2.1:0x10", "Endpoint=192.0.2.1:1:",
                "Endpoint=192.0.2.1:-1", "Endpoint=off", "Endpoint=", "Endpoint=192.0.2.1:1\nEndpoint=192.0.2.2:2", "Endpoint=-a:1", "Endpoint=[fe80::1%no-such-link]x:1"),
            .. Lines(Peer, "PersistentKeepalive=0", "PersistentKeepalive=off", "PersistentKeepalive=Off", "PersistentKeepalive=1", "PersistentKeepalive=65535", "PersistentKeepalive=65536",
                "PersistentKeepalive=-1", "PersistentKeepalive=+1", "PersistentKeepalive=0x10", "PersistentKeepalive=0025", "PersistentKeepalive=2 5", "PersistentKeepalive=25s", "PersistentKeepalive=",
                "PersistentKeepalive=18446744073709551641", "PersistentKeepalive=25\nPersistentKeepalive=off"),
        ],
        (text, theirs, ours) => ours.ShouldBe(theirs, $"of {Show(text)}"));

    /// <summary>The list of differences, each with its reason; the guide has it too.</summary>
    [Fact]
    public void Of_these_files_we_refuse_what_wg_takes()
    {
        string[] files =
        [
            // glibc cuts the number to 16 bits: the port would be 4464.
            .. Lines(Interface, "ListenPort=70000", "ListenPort=+7"),
            .. Lines(Peer, "Endpoint=192.0.2.1:70000", "Endpoint=192.0.2.1:+7"),

            // Names of /etc/services, which differ from machine to machine.
            .. Lines(Interface, "ListenPort=domain"),
            .. Lines(Peer, "Endpoint=192.0.2.1:domain"),

            // Nothing can be sent to it.
            .. Lines(Peer, "Endpoint=192.0.2.1:0"),

            // Old spellings of IPv4 addresses (inet_aton(3)), which look like names or like other addresses.
            .. Lines(Peer, "Endpoint=10.1:51820", "Endpoint=010.0.0.1:51820", "Endpoint=0x7f000001:51820", "Endpoint=1:51820"),

            // wg stops at the NUL and ignores what follows.
            .. Lines(Interface, "ListenPort=7\0garbage"),

            // Nobody has the private key of it.
            $"[Peer]\nPublicKey={Zero}",

            // The later takes over what it has and the earlier keeps the rest, prefixes by the order of sections: a slip of the pen.
            $"{Peer}{Peer}", $"{Peer}AllowedIPs=10.0.0.0/8\n{Peer}Endpoint=192.0.2.1:1",
        ];
        Try(files, (text, theirs, ours) => (theirs is not null, ours).ShouldBe((true, null), $"of {Show(text)}"));
    }

    [Fact]
    public void Of_these_files_we_take_what_wg_refuses()
    {
        string[] files =
        [
            // Editors put it there, and it can mean nothing else.
            "\uFEFF[Interface]\nListenPort=7",

            // None; wg set takes it so.
            $"{Peer}AllowedIPs=",

            // Names are the caller's to resolve.
            $"{Peer}Endpoint=no-such-host.invalid:51820", $"{Peer}Endpoint=[fe80::1%no-such-link]:51820",
        ];
        Try(files, (text, theirs, ours) => (theirs, ours is not null).ShouldBe((null, true), $"of {Show(text)}"));
    }

    [Fact]
    public void Of_files_with_small_damage_wg_and_we_think_the_same() => Try(
        Damaged(500),
        (text, theirs, ours) =>
        {
            // Numbers of ports are in the list of differences.
            if (ours is not null || !QuickConfig.TryParse(text, out _, out var error) && !error.Message.StartsWith("ListenPort") && !error.Message.StartsWith("Endpoint"))
            {
                ours.ShouldBe(theirs, $"of {Show(text)}");
            }
        });

    [Fact]
    public void What_wg_quick_takes_for_itself_it_strips_and_so_do_we() => _sandbox.Host().Run(() =>
    {
        const string text = $"""
            [Interface]
            Address = 10.77.0.2/24,fd77::2/64
            address=10.77.0.3
            DNS = 1.1.1.1, lan
            mtu = 1400
            Table = off
            SaveConfig = false
            PostUp = echo "[Peer]"; echo PublicKey = {Other}
            PreDown = echo = # =
            ListenPort = 7

            [Peer]
            PublicKey = {Key}
            """;
        var file = Path.Join(_sandbox.Folder, "wg7.conf");
        WireGuardInterop.WriteSecret(file, text);
        var stripped = WireGuardInterop.Run("wg-quick", "strip", file);
        QuickConfig.TryParse(text, out var whole, out var error).ShouldBeTrue(error?.ToString());
        QuickConfig.TryParse(stripped, out var rest, out error).ShouldBeTrue(error?.ToString());
        (rest.Addresses.Count, rest.DnsServers.Count, rest.PostUp.Count).ShouldBe((0, 0, 0));
        rest.Format().ShouldBe((whole with { Addresses = [], DnsServers = [], SearchDomains = [], Mtu = null, Table = QuickTable.Auto, PostUp = [], PreDown = [] }).Format());
    });

    // The same ones each time: what is found by chance belongs into the lists above.
    private static IEnumerable<string> Damaged(int count)
    {
        const string letters = "0123456789abfx:./,%[]#= \t\r\n-";
        const string whole = $"{Interface}ListenPort=51\nFwMark=0x1f\n{Peer}AllowedIPs=10.0.0.0/24, fd00::1:0/64\nEndpoint=[2001:db8::7]:99\n"
            + "PersistentKeepalive=25\nAllowedIPs=::ffff:1.2.3.4/128\n";
        var state = 1u;
        for (var i = 0; i < count; i++)
        {
            var text = whole;
            for (var damage = Next(3); damage < 3; damage++)
            {
                var (at, cut) = (Next(text.Length), Next(3));
                var put = Next(3) == 0 ? "" : letters[Next(letters.Length)].ToString();
                text = string.Concat(text.AsSpan(0, at), put, text.AsSpan(Math.Min(text.Length, at + cut)));
            }

            yield return text;
        }

        // Numerical Recipes' generator: chance is banned from tests that must do the same again.
        int Next(int below) => (int)(((state = (state * 1664525) + 1013904223) >> 8) % (uint)below);
    }

    private static IEnumerable<string> Lines(string before, params string[] lines) => lines.Select(line => before + line);

    // What each makes of a file, as a canonical file; null where it is refused.
    private void Try(IEnumerable<string> files, Action<string, string?, string?> judge)
    {
        var engine = new WireGuardGo(Path.Join(_sandbox.Folder, "run"), TimeProvider.System);
        var file = Path.Join(_sandbox.Folder, "wg0.conf");
        _sandbox.Host().Run(() =>
        {
            engine.Start("wg0", CancellationToken.None);
            foreach (var text in files)
            {
                WireGuardInterop.WriteSecret(file, text);
                var taken = WireGuardInterop.TryRun("wg", "setconf", "wg0", file).ExitCode == 0;
                QuickConfig.TryParse(text, out var config, out _);

                // A port that was left to the engine is none of the file's.
                var device = taken && config is not null ? engine.Get("wg0")! : null;
                var theirs = device is null ? (taken ? "" : null) : WireGuardInterop.Sorted(QuickConfig.FromDevice(config!.ListenPort == 0 ? device with { ListenPort = 0 } : device));
                judge(text, theirs, config is null ? null : WireGuardInterop.Sorted(config));
            }
        });
    }

    private static string Show(string text) => text.Replace("\n", "\\n").Replace("\r", "\\r");
}
