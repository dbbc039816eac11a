using System.Net;
using Elysium.WireGuard;

namespace Elysium.Linux.Tests.Interop;

public sealed class WireGuardInteropTests : IDisposable
{
    private readonly Sandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public void What_we_set_wg_reads_and_what_wg_sets_we_read()
    {
        var engine = new WireGuardGo(Path.Join(_sandbox.Folder, "run"), TimeProvider.System);
        _sandbox.Host().Run(() =>
        {
            engine.Start("wg0", CancellationToken.None);
            engine.Start("wg1", CancellationToken.None);
            WireGuardInterop.Check(engine, "wg", "wg0", _sandbox.Folder);
        });
    }

    [Fact]
    public void A_device_with_traffic_is_dumped_with_the_same_handshake_and_counters()
    {
        var (left, right) = _sandbox.Pair();
        using var a = new TunnelEnd(_sandbox, left, "10.77.0.1");
        using var b = new TunnelEnd(_sandbox, right, "10.77.0.2");
        a.Reconcile(a.Spec(b.AsPeer("192.0.2.2:51820")));
        b.Reconcile(b.Spec(a.AsPeer("192.0.2.1:51820")));
        a.Ping(b);

        // Packets may still be on their way: until one reading finds nothing new.
        left.Run(() => Wait.Until(
            () =>
            {
                var dump = Sandbox.Run("wg", "show", "wg0", "dump");
                var device = a.Read()!;
                device.Peers.Single().LastHandshake.ShouldNotBeNull();
                device.Peers.Single().ReceivedBytes.ShouldBeGreaterThan(0);
                return ShowDump.Format(device) == dump;
            },
            "our dump is wg's"));
    }

    [Fact]
    public void A_file_of_ours_is_one_that_wg_quick_brings_up_and_down()
    {
        var key = PrivateKey.Generate();
        var config = new QuickConfig
        {
            PrivateKey = key,
            ListenPort = 51820,
            FirewallMark = 7,
            Addresses = [new QuickAddress(IPAddress.Parse("10.77.0.2"), 24), new QuickAddress(IPAddress.Parse("fd77::2"), 64)],
            Mtu = 1280,
            Table = QuickTable.Of(1234),
            PreUp = [$"echo \"pre-up %i\" > {_sandbox.Folder}/commands"],
            PostUp = [$"echo post-up >> {_sandbox.Folder}/commands", $"echo second >> {_sandbox.Folder}/commands"],
            PreDown = [$"echo pre-down >> {_sandbox.Folder}/commands"],
            PostDown = [$"echo post-down >> {_sandbox.Folder}/commands"],
            Peers =
            [
                new QuickPeer(PrivateKey.Generate().PublicKey)
                {
                    AllowedIps = [IpPrefix.Parse("10.88.0.0/16"), IpPrefix.Parse("fd88::/32")],
                    Endpoint = IPEndPoint.Parse("[2001:db8::1]:51820"),
                    PresharedKey = PresharedKey.Generate(),
                    PersistentKeepalive = 25,
                },
            ],
        };
        var file = Path.Join(_sandbox.Folder, "wg7.conf");
        WireGuardInterop.WriteSecret(file, config.Format());
        _sandbox.Host().Run(() =>
        {
            Sandbox.Run("ip", "link", "set", "lo", "up");
            WgQuick("up", file);
            ShowDump.TryParse("wg7", Sandbox.Run("wg", "show", "wg7", "dump"), out var device, out var problem).ShouldBeTrue(problem?.ToString());
            DeviceDiff.Between(config.ToDeviceSpec(), device, null).ShouldBeNull();
            var link = Sandbox.Ip("address", "show", "dev", "wg7").Single()!;
            ((int)link["mtu"]!).ShouldBe(1280);
            link["addr_info"]!.AsArray().Select(info => $"{info!["local"]}/{info["prefixlen"]}").ShouldContain("10.77.0.2/24");
            link["addr_info"]!.AsArray().Select(info => $"{info!["local"]}/{info["prefixlen"]}").ShouldContain("fd77::2/64");
            Sandbox.Ip("route", "show", "table", "1234").Select(route => (string)route!["dst"]!).ShouldBe(["10.88.0.0/16"]);
            Sandbox.Ip("-6", "route", "show", "table", "1234").Select(route => (string)route!["dst"]!).ShouldBe(["fd88::/32"]);

            // What it saves is what we write, but for the order of the addresses and the link-local one that the kernel may add. (Before 2026 it cut
            // a command at its first #.)
            WgQuick("save", file);
            QuickConfig.TryParse(File.ReadAllText(file), out var saved, out var error).ShouldBeTrue(error?.ToString());
            saved.Addresses.Where(address => !address.Address.IsIPv6LinkLocal).ShouldBe(config.Addresses, ignoreOrder: true);
            (saved with { Addresses = [] }).Format().ShouldBe((config with { Addresses = [] }).Format());

            WgQuick("down", file);
            Wait.Until(() => Sandbox.Ip("link").All(each => (string)each!["ifname"]! != "wg7"), "wg-quick takes its interface away");
        });
        File.ReadAllLines(Path.Join(_sandbox.Folder, "commands")).ShouldBe(["pre-up wg7", "post-up", "second", "pre-down", "post-down"]);
    }

    // An engine that daemonises itself would keep our pipes open for as long as it lives.
    private static void WgQuick(string verb, string file) =>
        Sandbox.Run("sh", "-c", $"LOG_LEVEL=error wg-quick {verb} '{file}' </dev/null >'{file}.log' 2>&1 || {{ cat '{file}.log'; exit 1; }}");
}
