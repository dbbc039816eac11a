using System.Diagnostics;
using System.Net;
using System.Text;
using Elysium.WireGuard;

namespace Elysium.Linux.Tests;

public sealed class UserspaceWireGuardTests : IDisposable
{
    private const string EmptyDevice = "private_key=2828282828282828282828282828282828282828282828282828282828282868\nlisten_port=1\nerrno=0\n\n";

    private static readonly PublicKey Peer = new([.. Enumerable.Repeat((byte)1, 32)]);
    private static readonly DeviceUpdate Small = new(null, 51820, null, []);

    // More than a socket takes at once.
    private static readonly DeviceUpdate Large = new(null, null, null, [.. Enumerable.Range(0, 10_000).Select(_ => new PeerUpdate(Peer, AllowedIps: [IpPrefix.Parse("10.0.0.1/32")]))]);

    private readonly Sandbox _sandbox = new();
    private readonly NamespaceThread _host;
    private readonly UserspaceWireGuard _devices = new(TimeProvider.System);
    private readonly UserspaceWireGuard _impatient = new(new HastyTime());

    public UserspaceWireGuardTests() => _host = _sandbox.Host();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public void Engines_that_listen_are_listed_and_what_killed_ones_left_behind_is_not() => _host.Run(() =>
    {
        _devices.List().ShouldBeEmpty();
        using var second = FakeEngine.Saying("wg1", EmptyDevice);
        using var first = FakeEngine.Saying("wg.0", EmptyDevice);
        using (FakeEngine.Saying("wg9", EmptyDevice))
        {
            // Under its own name it would be taken away.
            File.Move("/run/wireguard/wg9.sock", "/run/wireguard/wg2.sock");
        }

        File.WriteAllText("/run/wireguard/wg3.key", "");
        File.WriteAllText("/run/wireguard/a name that is no interface's.sock", "");
        File.Exists("/run/wireguard/wg2.sock").ShouldBeTrue();
        _devices.List().ShouldBe(["wg.0", "wg1"]);
        _devices.Get("wg2").ShouldBeNull();
    });

    [Fact]
    public void Removed_prefixes_reach_any_engine_as_a_peer_that_comes_and_goes() => _host.Run(() =>
    {
        using var engine = FakeEngine.Saying("wg0", "errno=0\n\n");
        _devices.Apply("wg0", new DeviceUpdate(null, null, null, [new PeerUpdate(Peer, UpdateOnly: true, RemovedAllowedIps: [IpPrefix.Parse("10.0.0.1/32")])]));
        engine.Requests.ShouldHaveSingleItem().ShouldBe($"""
            set=1
            public_key={DeviceUpdate.ScratchPeer.ToHex()}
            allowed_ip=10.0.0.1/32
            public_key={DeviceUpdate.ScratchPeer.ToHex()}
            remove=true


            """);
    });

    [Fact]
    public void The_real_wg_tells_an_engine_byte_for_byte_what_we_tell_it() => _host.Run(() =>
    {
        using var engine = FakeEngine.Saying("wg0", "errno=0\n\n");
        var preshared = Path.Join(_sandbox.Folder, "preshared");
        File.WriteAllText(preshared, Convert.ToBase64String([.. Enumerable.Repeat((byte)3, 32)]));
        Sandbox.Run(
            "wg", "set", "wg0", "listen-port", "51820", "fwmark", "7", "peer", Peer.ToString(), "preshared-key", preshared,
            "endpoint", "[2001:db8::1]:51820", "persistent-keepalive", "25", "allowed-ips", "10.0.0.1/32,fd00::/64", "peer", Peer.ToString(), "remove");
        _devices.Apply("wg0", new DeviceUpdate(null, 51820, 7, [
            new PeerUpdate(
                Peer,
                PresharedKey: new PresharedKey([.. Enumerable.Repeat((byte)3, 32)]),
                Endpoint: IPEndPoint.Parse("[2001:db8::1]:51820"),
                PersistentKeepalive: 25,
                ReplaceAllowedIps: true,
                AllowedIps: [IpPrefix.Parse("10.0.0.1/32"), IpPrefix.Parse("fd00::/64")]),
            new PeerUpdate(Peer, Remove: true)]));
        engine.Requests.Count.ShouldBe(2);
        engine.Requests[1].ShouldBe(engine.Requests[0]);
    });

    [Theory]
    [InlineData("errno=98\n\n", EngineFailure.PortInUse, "51820")]
    [InlineData("errno=-98\n\n", EngineFailure.PortInUse, "51820")]
    [InlineData("errno=-1\n\n", EngineFailure.NotPermitted, "EPERM")]
    [InlineData("errno=13\n\n", EngineFailure.NotPermitted, "EACCES")]
    [InlineData("errno=-22\n\n", EngineFailure.Refused, "EINVAL")]
    [InlineData("errno=0\nerrno=0\n\n", EngineFailure.Refused, "end")]
    [InlineData("nonsense\n\n", EngineFailure.Refused, "error number")]
    [InlineData("errno=0\n", EngineFailure.NotAnswering, "hung up")]
    public void A_refused_change_is_told_with_its_reason(string answer, EngineFailure failure, string message) => _host.Run(() =>
    {
        using var engine = FakeEngine.Saying("wg0", answer);
        var refused = Should.Throw<WireGuardEngineException>(() => _devices.Apply("wg0", Small));
        refused.Failure.ShouldBe(failure);
        refused.Message.ShouldContain(message);
    });

    [Theory]
    [InlineData("errno=-5\n\n", EngineFailure.Refused, "EIO")]
    [InlineData("public_key=1\n", EngineFailure.Refused, "public_key")]
    [InlineData("listen_port=1\n", EngineFailure.NotAnswering, "hung up")]
    [InlineData("listen_port=1\nerrno=0\n", EngineFailure.NotAnswering, "hung up")]
    public void An_answer_without_sense_is_told(string answer, EngineFailure failure, string message) => _host.Run(() =>
    {
        using var engine = FakeEngine.Saying("wg0", answer);
        var told = Should.Throw<WireGuardEngineException>(() => _devices.Get("wg0"));
        told.Failure.ShouldBe(failure);
        told.Message.ShouldContain(message);
    });

    [Fact]
    public void An_engine_that_ends_without_a_word_is_gone() => _host.Run(() =>
    {
        using var engine = FakeEngine.Saying("wg0", "");
        _devices.Get("wg0").ShouldBeNull();
        Should.Throw<WireGuardEngineException>(() => _devices.Apply("wg0", Small)).Failure.ShouldBe(EngineFailure.Ended);
        Should.Throw<WireGuardEngineException>(() => _devices.Apply("wg0", Large)).Failure.ShouldBe(EngineFailure.Ended);
    });

    [Fact]
    public void An_engine_that_refuses_before_it_has_heard_everything_is_understood() => _host.Run(() =>
    {
        using var engine = new FakeEngine("wg0", socket => socket.Send("errno=-22\n\n"u8), reads: false);
        var refused = Should.Throw<WireGuardEngineException>(() => _devices.Apply("wg0", Large));
        refused.Failure.ShouldBe(EngineFailure.Refused, refused.ToString());
        refused.Message.ShouldContain("EINVAL");
    });

    [Fact]
    public void A_success_is_not_believed_of_an_engine_that_has_not_heard_everything() => _host.Run(() =>
    {
        using var engine = new FakeEngine("wg0", socket => socket.Send("errno=0\n\n"u8), reads: false);
        Should.Throw<WireGuardEngineException>(() => _devices.Apply("wg0", Large)).Failure.ShouldBe(EngineFailure.NotAnswering);
    });

    [Fact]
    public void An_engine_that_trickles_is_stuck() => _host.Run(() =>
    {
        using var engine = new FakeEngine("wg0", socket =>
        {
            while (true)
            {
                socket.Send("x"u8);
                Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None).Wait();
            }
        });
        var watch = Stopwatch.StartNew();
        Should.Throw<WireGuardEngineException>(() => _impatient.Get("wg0")).Failure.ShouldBe(EngineFailure.NotAnswering);
        Should.Throw<WireGuardEngineException>(() => _impatient.Apply("wg0", Small)).Failure.ShouldBe(EngineFailure.NotAnswering);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
    });

    [Theory]
    [InlineData("x")]
    [InlineData("key_of_tomorrow=x\n")]
    public void An_engine_that_says_too_much_is_cut_short(string endless)
    {
        var text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(endless, 100_000)));
        _host.Run(() =>
        {
            using var engine = new FakeEngine("wg0", socket =>
            {
                while (true)
                {
                    socket.Send(text);
                }
            });
            Should.Throw<WireGuardEngineException>(() => _devices.Get("wg0"));
            Should.Throw<WireGuardEngineException>(() => _devices.Apply("wg0", Small)).Message.ShouldContain("more than an engine can have to say");
        });
    }

    [Fact]
    public void An_engine_that_never_reads_does_not_hang_us() => _host.Run(() =>
    {
        using var done = new ManualResetEventSlim();
        using var engine = new FakeEngine("wg0", _ => done.Wait(), reads: false);
        try
        {
            // 10,000 peers have 25 s, of which this clock makes little more than one.
            Should.Throw<WireGuardEngineException>(() => _impatient.Apply("wg0", Large)).Failure.ShouldBe(EngineFailure.NotAnswering);
        }
        finally
        {
            done.Set();
        }
    });
}
