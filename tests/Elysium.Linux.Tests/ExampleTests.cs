using System.Diagnostics;
using System.Net;
using Elysium.WireGuard;

namespace Elysium.Linux.Tests;

/// <summary>The programs of docs/guides/use-the-library.md, run as a reader would run them.</summary>
public sealed class ExampleTests : IDisposable
{
    private readonly Sandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public void The_first_program_makes_a_device_changes_a_peer_and_says_who_was_heard()
    {
        var (here, there) = _sandbox.Pair();
        using var laptop = new TunnelEnd(_sandbox, there, "10.77.0.2");
        var phone = PrivateKey.Generate().PublicKey;
        string[] arguments = [laptop.Key.PublicKey.ToString(), "192.0.2.2:51820", phone.ToString()];
        here.Run(() =>
        {
            var first = Run("Devices", "", arguments);
            first.ShouldContain("has the key");
            first.ShouldContain("and 2 peers");
            first.ShouldContain("1 peer to change");
            first.ShouldContain($"{laptop.Key.PublicKey}  no handshake yet, 0 bytes in");
            first.ShouldContain($"{phone}  no handshake yet, 0 bytes in");
            Sandbox.Run("wg", "show", "wg7", "persistent-keepalive").ShouldContain($"{laptop.Key.PublicKey}\t25");
            Sandbox.Run("wg", "show", "wg7", "allowed-ips").ShouldContain($"{phone}\t10.77.0.3/32 fd77::3/128");
            var key = PublicKey.Parse(Sandbox.Run("wg", "show", "wg7", "public-key").Trim());
            first.ShouldContain(key.ToString());

            // The other end answers; the second run makes nothing anew and hears of it.
            laptop.Reconcile(laptop.Spec(new PeerSpec(key, [IpPrefix.Parse("10.77.0.1/32")], IPEndPoint.Parse("192.0.2.1:51877"))));
            Sandbox.Run("ping", "-c", "1", "-w", "10", "-i", "0.2", "10.77.0.2");
            var second = Run("Devices", "", arguments);
            second.ShouldContain(key.ToString());
            second.ShouldContain($"{laptop.Key.PublicKey}  last handshake 2");
            second.ShouldContain($"{phone}  no handshake yet");
        });
    }

    [Fact]
    public void The_second_program_says_what_a_file_would_change()
    {
        var engine = new WireGuardGo(Path.Join(_sandbox.Folder, "run"), TimeProvider.System);
        var (kept, added, removed) = (PrivateKey.Generate().PublicKey, PrivateKey.Generate().PublicKey, PrivateKey.Generate().PublicKey);
        var config = new QuickConfig
        {
            PrivateKey = PrivateKey.Generate(),
            ListenPort = 51820,
            Peers =
            [
                new QuickPeer(kept) { AllowedIps = [IpPrefix.Parse("10.0.0.1/32")] },
                new QuickPeer(added) { AllowedIps = [IpPrefix.Parse("10.0.0.2/32")], Endpoint = new DnsEndPoint("localhost", 51821) },
            ],
        };
        var file = Path.Join(_sandbox.Folder, "wg0.conf");
        File.WriteAllText(file, config.Format());
        _sandbox.Host().Run(() =>
        {
            engine.Start("wg0", CancellationToken.None);
            engine.Apply("wg0", new DeviceUpdate(config.PrivateKey, 51821, null, [.. new[] { kept, removed }.Select(key => new PeerUpdate(key))]));
            var dump = Sandbox.Run("wg", "show", "wg0", "dump");
            Run("Files", dump, file).Split('\n').ShouldBe(
                ["listen on port 51820", $"change {kept} 10.0.0.1/32", $"add {added} 10.0.0.2/32", $"remove {removed} ", ""],
                ignoreOrder: true);
            engine.Apply("wg0", DeviceDiff.Between(config.ToDeviceSpec(_ => IPEndPoint.Parse("127.0.0.1:51821")), engine.Get("wg0")!, null)!);
            dump = Sandbox.Run("wg", "show", "wg0", "dump");
            Run("Files", dump, file).ShouldBe("nothing to change\n");
            File.WriteAllText(file, "[Interface]\nListenPort = 70000\n");
            Run("Files", dump, file).ShouldBe($"{file}: line 2: ListenPort is '70000'; it must be 0 to 65535.\n");
        });
    }

    // Built beside this program, in the same configuration.
    private static string Run(string example, string input, params string[] arguments)
    {
        var here = AppContext.BaseDirectory.TrimEnd('/');
        var name = $"Elysium.Example.{example}";
        var program = Path.GetFullPath(Path.Join(here, "../..", name, Path.GetFileName(here), name));
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output + errors.GetAwaiter().GetResult();
    }
}
