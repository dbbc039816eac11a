using System.Diagnostics;
using System.Net.Sockets;
using CsCheck;
using Elysium.Tests.WireGuard;
using Elysium.WireGuard;

namespace Elysium.Linux.Tests;

public sealed class WireGuardGoTests : IDisposable
{
    private const string Socket = "/run/wireguard/wg0.sock";

    private readonly Sandbox _sandbox = new();
    private readonly NamespaceThread _host;
    private readonly WireGuardGo _engine;

    public WireGuardGoTests()
    {
        _host = _sandbox.Host();
        _engine = new WireGuardGo(Path.Join(_sandbox.Folder, "run"), TimeProvider.System);
    }

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public void An_engine_is_a_session_of_its_own_with_its_output_in_a_file()
    {
        _host.Run(() => _engine.Start("wg0", CancellationToken.None)).ShouldBeTrue();
        _host.Run(() => _engine.Start("wg0", CancellationToken.None)).ShouldBeFalse();
        var pid = Pid();
        var stat = Sandbox.Run("ps", "-o", "sid=,tty=,cwd=", "-p", pid).Trim();
        stat.ShouldStartWith($"{pid} ?");
        Sandbox.Run("readlink", $"/proc/{pid}/fd/0").Trim().ShouldBe("/dev/null");
        Sandbox.Run("readlink", $"/proc/{pid}/fd/1").Trim().ShouldBe(Path.Join(_sandbox.Folder, "run", "wg0.log"));
        Sandbox.Run("readlink", $"/proc/{pid}/fd/2").Trim().ShouldBe(Path.Join(_sandbox.Folder, "run", "wg0.log"));
        Sandbox.Run("sh", "-c", $"tr '\\0' '\\n' < /proc/{pid}/environ").Trim().ShouldBe("LOG_LEVEL=error\nPATH=/usr/sbin:/usr/bin:/sbin:/bin");
        File.GetUnixFileMode(Path.Join(_sandbox.Folder, "run", "wg0.log")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _host.Run(() => _engine.Stop("wg0", CancellationToken.None)).ShouldBeTrue();
        Directory.Exists($"/proc/{pid}").ShouldBeFalse();
    }

    [Fact]
    public void A_log_does_not_grow_for_ever()
    {
        var log = Path.Join(_sandbox.Folder, "run", "wg0.log");
        _host.Run(() => _engine.Start("wg0", CancellationToken.None));
        File.AppendAllText(log, new string('x', 1024 * 1024));
        _host.Run(() => _engine.Start("wg0", CancellationToken.None));
        new FileInfo(log).Length.ShouldBe(0);
    }

    [Fact]
    public void A_stale_socket_is_replaced()
    {
        _host.Run(() =>
        {
            // As kill -9 leaves it behind.
            _engine.Start("wg0", CancellationToken.None);
            Sandbox.Run("kill", "-9", Pid());
            File.Exists(Socket).ShouldBeTrue();
            _engine.Get("wg0").ShouldBeNull();
            _engine.Start("wg0", CancellationToken.None).ShouldBeTrue();
            _engine.Get("wg0").ShouldNotBeNull();
        });
    }

    [Fact]
    public void The_first_engine_of_a_machine_needs_no_folder_for_sockets()
    {
        using var fresh = NamespaceThread.Start(_sandbox.Namespace(), () => Mounts.Tmpfs("/run"));
        fresh.Run(() =>
        {
            _engine.Get("wg0").ShouldBeNull();
            _engine.Stop("wg0", CancellationToken.None).ShouldBeFalse();
            _engine.Start("wg0", CancellationToken.None).ShouldBeTrue();
            _engine.Stop("wg0", CancellationToken.None).ShouldBeTrue();
        });
    }

    [Fact]
    public void An_engine_survives_the_death_of_its_starter_and_its_own_words_afterwards()
    {
        using var starter = _host.Run(() => Process.Start(new ProcessStartInfo(Environment.ProcessPath!)
        {
            ArgumentList = { "-explicit", "only", "-method", $"*.{nameof(EngineStarter.Starts_an_engine_and_waits_to_be_killed)}" },
            Environment = { [EngineStarter.Folder] = _sandbox.Folder },
            RedirectStandardOutput = true,
        }))!;
        starter.BeginOutputReadLine();
        Wait.Until(() => File.Exists(Path.Join(_sandbox.Folder, "started")), "the starter started its engine", 30);
        var pid = Pid();
        starter.Kill();
        starter.WaitForExit();

        // On a pipe, or with a terminal, the engine would die of its next words.
        _host.Run(() =>
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(Socket));
            socket.Send("set=1\nlisten_port=nonsense\n\n"u8);
            socket.Receive(new byte[100]).ShouldBeGreaterThan(0);
        });
        Wait.Until(() => File.ReadAllText(Path.Join(_sandbox.Folder, "wg0.log")).Contains("ERROR"), "the engine says what it refused");
        Pid().ShouldBe(pid);
        _host.Run(() => _engine.Start("wg0", CancellationToken.None)).ShouldBeFalse("the next start adopts it");
        _host.Run(() => _engine.Stop("wg0", CancellationToken.None)).ShouldBeTrue();
    }

    [Fact]
    public void A_real_engine_does_with_any_update_what_the_model_says() => _host.Run(() =>
    {
        _engine.Start("wg0", CancellationToken.None);
        Gen.Select(DeviceGen.Spec, Gen.Bool).Sample(
            (spec, remembers) =>
            {
                var before = _engine.Get("wg0")!;
                if (DeviceDiff.Between(spec, before, remembers ? spec : null) is not { } update)
                {
                    return;
                }

                _engine.Apply("wg0", update);
                var (after, expected) = (_engine.Get("wg0")!, update.ApplyTo(before));
                Comparable(after).ShouldBe(Comparable(expected));
                DeviceDiff.Between(spec, after, spec).ShouldBeNull();
            },
            iter: 300,
            threads: 1);
    });

    [Fact]
    public void A_link_that_is_not_ours_is_left_alone()
    {
        _host.Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            netlink.CreateBridge("wg0");
            Should.Throw<WireGuardEngineException>(() => _engine.Start("wg0", CancellationToken.None)).Failure.ShouldBe(EngineFailure.ForeignLink);
            Should.Throw<WireGuardEngineException>(() => _engine.Stop("wg0", CancellationToken.None)).Failure.ShouldBe(EngineFailure.ForeignLink);
            netlink.FindLink("wg0").ShouldNotBeNull();
        });
    }

    [Fact]
    public void An_engine_of_another_namespace_is_left_alone()
    {
        _host.Run(() => _engine.Start("wg0", CancellationToken.None));
        var sockets = Path.Join(_sandbox.Folder, "sockets-0");
        using var elsewhere = NamespaceThread.Start(_sandbox.Namespace(), () =>
        {
            Mounts.Tmpfs("/run");
            Directory.CreateDirectory("/run/wireguard");
            Mounts.Bind(sockets, "/run/wireguard");
        });
        Should.Throw<WireGuardEngineException>(() => elsewhere.Run(() => _engine.Start("wg0", CancellationToken.None))).Failure
            .ShouldBe(EngineFailure.ForeignEngine);
        elsewhere.Run(() => _engine.Stop("wg0", CancellationToken.None)).ShouldBeFalse();
        _host.Run(() => _engine.Get("wg0")).ShouldNotBeNull();
    }

    [Fact]
    public void What_the_machine_lacks_is_told()
    {
        var missing = new WireGuardGo(_sandbox.Folder, TimeProvider.System, "no-such-engine");
        var refused = Should.Throw<WireGuardEngineException>(() => _host.Run(() => missing.Start("wg0", CancellationToken.None)));
        refused.Failure.ShouldBe(EngineFailure.BinaryNotFound);
        refused.Message.ShouldContain("apt-get install wireguard-go");

        _host.Run(() => Mounts.Tmpfs("/dev/net"));
        Should.Throw<WireGuardEngineException>(() => _host.Run(() => _engine.Start("wg0", CancellationToken.None))).Failure
            .ShouldBe(EngineFailure.NoTunDevice);
    }

    [Fact]
    public void An_engine_that_ends_at_once_is_told_with_its_last_words()
    {
        var program = Script("echo 'the reason is plain' >&2; exit 3");
        var refused = Should.Throw<WireGuardEngineException>(() => _host.Run(() =>
            new WireGuardGo(_sandbox.Folder, TimeProvider.System, program).Start("wg0", CancellationToken.None)));
        refused.Failure.ShouldBe(EngineFailure.Exited);
        refused.Message.ShouldContain("the reason is plain");
    }

    [Fact]
    public void An_engine_that_never_answers_is_ended_and_told()
    {
        var program = Script("exec tail -f /dev/null");
        var refused = Should.Throw<WireGuardEngineException>(() => _host.Run(() =>
            new WireGuardGo(_sandbox.Folder, new HastyTime(), program).Start("wg0", CancellationToken.None)));
        refused.Failure.ShouldBe(EngineFailure.NotAnswering);
    }

    [Fact]
    public void A_stuck_engine_does_not_hang_us()
    {
        _host.Run(() =>
        {
            using var stuck = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            stuck.Bind(new UnixDomainSocketEndPoint(Socket));
            stuck.Listen(1);
            var watch = Stopwatch.StartNew();
            Should.Throw<WireGuardEngineException>(() => _engine.Get("wg0")).Failure.ShouldBe(EngineFailure.NotAnswering);
            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(7));
        });
    }

    [Fact]
    public void Ten_thousand_peers_are_set_and_read()
    {
        _host.Run(() =>
        {
            _engine.Start("wg0", CancellationToken.None);
            var prefix = IpPrefix.Parse("10.64.0.0/16");
            var peers = Enumerable.Range(1, 10_000)
                .Select(i => new PeerSpec(PrivateKey.Generate().PublicKey, [IpPrefix.Of(prefix.AddressAt(i))]))
                .ToList();
            var spec = new DeviceSpec(PrivateKey.Generate(), 0, peers);
            _engine.Apply("wg0", DeviceDiff.Between(spec, _engine.Get("wg0")!, null)!);
            var device = _engine.Get("wg0")!;
            device.Peers.Count.ShouldBe(10_000);
            DeviceDiff.Between(spec, device, spec).ShouldBeNull();
        });
    }

    [Fact]
    public void An_invalid_name_reaches_no_file()
    {
        foreach (var name in new[] { "", ".", "..", "../x", "a/b", "sixteen-letters-", "wg 0", "wg\n0" })
        {
            InterfaceName.IsValid(name).ShouldBeFalse(name);
            Should.Throw<ArgumentException>(() => _engine.Start(name, CancellationToken.None));
            Should.Throw<ArgumentException>(() => _engine.Get(name));
        }
    }

    private static string Comparable(Device device) => string.Join('\n', device.Peers
        .OrderBy(peer => peer.PublicKey)
        .Select(peer => $"{peer.PublicKey} {peer.PresharedKey?.ToHex()} {peer.Endpoint} {peer.PersistentKeepalive} {string.Join(',', peer.AllowedIps.Order())}")
        .Prepend($"{device.PrivateKey?.ToHex()} {device.ListenPort} {device.FirewallMark}"));

    private string Script(string text)
    {
        var path = Path.Join(_sandbox.Folder, "engine.sh");
        File.WriteAllText(path, $"#!/bin/sh\n{text}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }

    private string Pid() => Processes.In(_host, "wireguard-go").ShouldHaveSingleItem();
}
