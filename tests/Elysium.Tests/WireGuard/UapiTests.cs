using System.Net;
using System.Text;
using CsCheck;
using Elysium.WireGuard;

namespace Elysium.Tests.WireGuard;

public sealed class UapiTests
{
    private const string Hex = "58402e695ba1772b1cc9309755f043251ea77fdcf10fbe63989ceb7e19321376";

    /// <summary>After the example of wireguard.com/xplatform, with keys of our own.</summary>
    private static readonly string Answer = $"""
        private_key={DeviceGen.Keys[0].ToHex()}
        listen_port=12912
        fwmark=7
        public_key={DeviceGen.Keys[1].PublicKey.ToHex()}
        preshared_key={new string('0', 64)}
        endpoint=[abcd:23::33%2]:51820
        protocol_version=1
        last_handshake_time_sec=0
        last_handshake_time_nsec=0
        tx_bytes=0
        rx_bytes=0
        persistent_keepalive_interval=0
        allowed_ip=192.168.4.4/32
        public_key={Hex}
        preshared_key={DeviceGen.Keys[2].ToHex()}
        endpoint=182.122.22.19:3233
        last_handshake_time_sec=1700000000
        last_handshake_time_nsec=123456700
        tx_bytes=38333
        rx_bytes=2224
        persistent_keepalive_interval=111
        allowed_ip=192.168.4.6/32
        allowed_ip=fd00::/64
        some_key_of_tomorrow=yes
        errno=0


        """;

    [Fact]
    public void An_answer_is_read_whole()
    {
        Uapi.TryParseGet("wg7", Encoding.ASCII.GetBytes(Answer), out var device, out var error).ShouldBeTrue(error?.Message);
        device.Name.ShouldBe("wg7");
        device.PrivateKey.ShouldBe(DeviceGen.Keys[0]);
        device.ListenPort.ShouldBe(12912);
        device.FirewallMark.ShouldBe(7u);
        device.Peers.Count.ShouldBe(2);
        device.Peers[0].PresharedKey.ShouldBeNull();
        device.Peers[0].LastHandshake.ShouldBeNull();
        device.Peers[0].Endpoint.ShouldBe(IPEndPoint.Parse("[abcd:23::33]:51820"));
        var peer = device.Peers[1];
        peer.PublicKey.ToHex().ShouldBe(Hex);
        peer.PresharedKey!.ToHex().ShouldBe(DeviceGen.Keys[2].ToHex());
        peer.Endpoint.ShouldBe(IPEndPoint.Parse("182.122.22.19:3233"));
        peer.PersistentKeepalive.ShouldBe((ushort)111);
        peer.LastHandshake.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(1700000000).AddTicks(1234567));
        (peer.ReceivedBytes, peer.SentBytes).ShouldBe((2224, 38333));
        peer.AllowedIps.ShouldBe([IpPrefix.Parse("192.168.4.6/32"), IpPrefix.Parse("fd00::/64")]);
    }

    [Fact]
    public void A_device_without_anything_is_read()
    {
        Uapi.TryParseGet("wg0", "errno=0\n\n"u8, out var device, out _).ShouldBeTrue();
        device.PrivateKey.ShouldBeNull();
        device.Peers.ShouldBeEmpty();
    }

    [Fact]
    public void An_answer_that_arrives_in_pieces_is_read_as_if_it_came_at_once() => Gen.Int[1, 60].Array[1, 20].Sample(sizes =>
    {
        var reader = new UapiReader("wg0");
        var bytes = Encoding.ASCII.GetBytes(Answer);
        var (arrived, used) = (0, 0);
        for (var piece = 0; arrived < bytes.Length; piece++)
        {
            reader.IsComplete.ShouldBeFalse();
            arrived = Math.Min(arrived + sizes[piece % sizes.Length], bytes.Length);
            used += reader.Read(bytes.AsSpan(used, arrived - used));
        }

        reader.Error.ShouldBeNull();
        Uapi.TryParseGet("wg0", bytes, out var whole, out _).ShouldBeTrue();
        Text(reader.Device!).ShouldBe(Text(whole));

        static string Text(Device device) => string.Join('\n', device.Peers.Select(peer => $"{peer with { AllowedIps = [] }} {string.Join(' ', peer.AllowedIps)}"));
    });

    [Fact]
    public void A_line_without_an_end_is_an_error_before_it_fills_the_memory()
    {
        var reader = new UapiReader("wg0");
        reader.Read(new byte[UapiReader.LongestLine - 1]).ShouldBe(0);
        reader.IsComplete.ShouldBeFalse();
        reader.Read(new byte[UapiReader.LongestLine]);
        reader.Error.ShouldNotBeNull().Errno.ShouldBe(0);
    }

    [Fact]
    public void An_answer_cut_off_anywhere_is_an_error()
    {
        var bytes = Encoding.ASCII.GetBytes(Answer);
        for (var length = 0; length < bytes.Length; length++)
        {
            Uapi.TryParseGet("wg0", bytes.AsSpan(0, length), out _, out var error).ShouldBeFalse($"after {length} bytes");
            error.ShouldNotBeNull().Errno.ShouldBe(0);
        }
    }

    [Fact]
    public void A_disturbed_answer_is_read_or_an_error_and_never_a_crash() =>
        Gen.Select(Gen.Int[0, Answer.Length - 1], Gen.Byte.Array[0, 5], Gen.Int[0, 5]).Sample((at, inserted, skipped) =>
        {
            var bytes = Encoding.ASCII.GetBytes(Answer);
            byte[] disturbed = [.. bytes[..at], .. inserted, .. bytes[Math.Min(bytes.Length, at + skipped)..]];
            var read = Uapi.TryParseGet("wg0", disturbed, out var device, out var error);
            (device is not null).ShouldBe(read);
            (error is null).ShouldBe(read);
            if (error is not null)
            {
                error.Message.ShouldNotContain(DeviceGen.Keys[0].ToHex()[..20]);
            }
        });

    [Fact]
    public void Noise_is_an_error() => Gen.Byte.Array[0, 300].Sample(bytes =>
    {
        Uapi.TryParseGet("wg0", bytes, out _, out var error).ShouldBeFalse();
        error.ShouldNotBeNull();
        Uapi.ParseSet(bytes).ShouldNotBeNull();
    });

    [Theory]
    [InlineData("listen_port=65536")]
    [InlineData("listen_port=-1")]
    [InlineData("listen_port= 1")]
    [InlineData("fwmark=4294967296")]
    [InlineData("private_key=00")]
    [InlineData("public_key=0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("=x")]
    [InlineData("no equals sign")]
    [InlineData("errno=0")]
    [InlineData("public_key=" + Hex + "\npublic_key=" + Hex)]
    [InlineData("public_key=" + Hex + "\nallowed_ip=10.0.0.1/24")]
    [InlineData("public_key=" + Hex + "\nallowed_ip=10.0.0.1")]
    [InlineData("public_key=" + Hex + "\nendpoint=example.com:1")]
    [InlineData("public_key=" + Hex + "\nendpoint=10.0.0.1")]
    [InlineData("public_key=" + Hex + "\nendpoint=[::1]")]
    [InlineData("public_key=" + Hex + "\nendpoint=[10.0.0.1]:1")]
    [InlineData("public_key=" + Hex + "\nendpoint=::1:1")]
    [InlineData("public_key=" + Hex + "\nendpoint=10.0.0.1:65536")]
    [InlineData("public_key=" + Hex + "\nendpoint=010.0.0.1:1")]
    [InlineData("public_key=" + Hex + "\nrx_bytes=+1")]
    [InlineData("public_key=" + Hex + "\nrx_bytes=9223372036854775808")]
    [InlineData("public_key=" + Hex + "\nrx_bytes=-1")]
    [InlineData("public_key=" + Hex + "\nrx_bytes=99999999999999999999")]
    [InlineData("public_key=" + Hex + "\nlast_handshake_time_sec=9223372036854775807")]
    [InlineData("public_key=" + Hex + "\nlast_handshake_time_nsec=1000000000")]
    [InlineData("public_key=" + Hex + "\npersistent_keepalive_interval=65536")]
    public void A_line_without_sense_is_an_error(string lines)
    {
        Uapi.TryParseGet("wg0", Encoding.ASCII.GetBytes($"{lines}\nerrno=0\n\n"), out _, out var error).ShouldBeFalse();
        error.ShouldNotBeNull().Errno.ShouldBe(0);
    }

    [Theory]
    [InlineData("errno=0\n\n", null)]
    [InlineData("errno=98\n\n", 98)]
    [InlineData("errno=-22\n\n", 22)]
    [InlineData("errno=-\n\n", 0)]
    [InlineData("errno=--22\n\n", 0)]
    [InlineData("errno=-2147483648\n\n", 0)]
    [InlineData("listen_port=1\nerrno=0\n\n", 0)]
    [InlineData("errno=0\n", 0)]
    [InlineData("errno=\n\n", 0)]
    [InlineData("errno=0\n\nerrno=0\n\n", 0)]
    [InlineData("error=0\n\n", 0)]
    [InlineData("errno=99999999999\n\n", 0)]
    public void The_answer_to_a_change_is_success_or_an_error_number(string answer, int? errno) =>
        (Uapi.ParseSet(Encoding.ASCII.GetBytes(answer))?.Errno).ShouldBe(errno);

    [Fact]
    public void A_refused_read_tells_the_number()
    {
        Uapi.TryParseGet("wg0", "errno=-5\n\n"u8, out _, out var error).ShouldBeFalse();
        error!.Errno.ShouldBe(5);
    }

    [Fact]
    public void A_change_is_written_in_the_order_that_engines_want()
    {
        var update = new DeviceUpdate(DeviceGen.Keys[0], 51820, 0, [
            new PeerUpdate(
                DeviceGen.Keys[1].PublicKey,
                UpdateOnly: true,
                PresharedKey: PresharedKey.None,
                Endpoint: IPEndPoint.Parse("[2001:db8::1]:7"),
                PersistentKeepalive: 0,
                ReplaceAllowedIps: true,
                AllowedIps: [IpPrefix.Parse("10.0.0.1/32"), IpPrefix.Parse("fd00::/64")]),
            new PeerUpdate(DeviceGen.Keys[2].PublicKey, Remove: true)]);
        Encoding.ASCII.GetString(Uapi.FormatSet(update)).ShouldBe($"""
            set=1
            private_key={DeviceGen.Keys[0].ToHex()}
            listen_port=51820
            fwmark=0
            public_key={DeviceGen.Keys[1].PublicKey.ToHex()}
            update_only=true
            preshared_key={new string('0', 64)}
            endpoint=[2001:db8::1]:7
            persistent_keepalive_interval=0
            replace_allowed_ips=true
            allowed_ip=10.0.0.1/32
            allowed_ip=fd00::/64
            public_key={DeviceGen.Keys[2].PublicKey.ToHex()}
            remove=true


            """);
    }

    /// <summary>Captured: wg 1.0.20210914 talking to a socket, '<c>wg set wg0 private-key … listen-port 51820 fwmark 7 peer … remove</c>'.</summary>
    [Fact]
    public void A_change_is_written_byte_for_byte_as_wg_writes_it() => Encoding.ASCII.GetString(Uapi.FormatSet(new DeviceUpdate(Filled(0x28), 51820, 7, [
        new PeerUpdate(
            new PublicKey(Bytes(1)),
            PresharedKey: new PresharedKey(Bytes(3)),
            Endpoint: IPEndPoint.Parse("[2001:db8::1]:51820"),
            PersistentKeepalive: 25,
            ReplaceAllowedIps: true,
            AllowedIps: [IpPrefix.Parse("10.0.0.1/32"), IpPrefix.Parse("fd00::/64")]),
        new PeerUpdate(new PublicKey(Bytes(2)), Remove: true)]))).ShouldBe("""
            set=1
            private_key=2828282828282828282828282828282828282828282828282828282828282868
            listen_port=51820
            fwmark=7
            public_key=0101010101010101010101010101010101010101010101010101010101010101
            preshared_key=0303030303030303030303030303030303030303030303030303030303030303
            endpoint=[2001:db8::1]:51820
            persistent_keepalive_interval=25
            replace_allowed_ips=true
            allowed_ip=10.0.0.1/32
            allowed_ip=fd00::/64
            public_key=0202020202020202020202020202020202020202020202020202020202020202
            remove=true


            """);

    /// <summary>Captured: '<c>wg set wg0 fwmark off peer … preshared-key /dev/null persistent-keepalive off allowed-ips ""</c>'.</summary>
    [Fact]
    public void What_is_taken_away_is_written_byte_for_byte_as_wg_writes_it() => Encoding.ASCII.GetString(Uapi.FormatSet(new DeviceUpdate(null, null, 0, [
        new PeerUpdate(new PublicKey(Bytes(1)), PresharedKey: PresharedKey.None, PersistentKeepalive: 0, ReplaceAllowedIps: true)]))).ShouldBe("""
            set=1
            fwmark=0
            public_key=0101010101010101010101010101010101010101010101010101010101010101
            preshared_key=0000000000000000000000000000000000000000000000000000000000000000
            persistent_keepalive_interval=0
            replace_allowed_ips=true


            """);

    /// <summary>Captured: wireguard-go 0.0.20220316, after '<c>wg setconf</c>' of two peers.</summary>
    [Fact]
    public void What_wireguard_go_answers_is_read()
    {
        Uapi.TryParseGet("wg0", """
            private_key=2828282828282828282828282828282828282828282828282828282828282868
            listen_port=51820
            fwmark=7
            public_key=0101010101010101010101010101010101010101010101010101010101010101
            preshared_key=0303030303030303030303030303030303030303030303030303030303030303
            protocol_version=1
            endpoint=192.0.2.1:51820
            last_handshake_time_sec=0
            last_handshake_time_nsec=0
            tx_bytes=0
            rx_bytes=0
            persistent_keepalive_interval=25
            allowed_ip=10.0.0.1/32
            allowed_ip=fd00::/64
            public_key=0202020202020202020202020202020202020202020202020202020202020202
            preshared_key=0000000000000000000000000000000000000000000000000000000000000000
            protocol_version=1
            last_handshake_time_sec=0
            last_handshake_time_nsec=0
            tx_bytes=0
            rx_bytes=0
            persistent_keepalive_interval=0
            allowed_ip=10.0.0.0/24
            errno=0


            """u8, out var device, out var error).ShouldBeTrue(error?.Message);
        var desired = new DeviceSpec(Filled(0x28), 51820, [
            new PeerSpec(
                new PublicKey(Bytes(1)),
                [IpPrefix.Parse("10.0.0.1/32"), IpPrefix.Parse("fd00::/64")],
                IPEndPoint.Parse("192.0.2.1:51820"),
                25,
                new PresharedKey(Bytes(3))),
            new PeerSpec(new PublicKey(Bytes(2)), [IpPrefix.Parse("10.0.0.0/24")])], 7);
        DeviceDiff.Between(desired, device, null).ShouldBeNull();
        device.Peers.ShouldAllBe(peer => peer.LastHandshake == null && peer.SentBytes == 0 && peer.ReceivedBytes == 0);
    }

    [Fact]
    public void A_removal_of_one_prefix_is_written_as_engines_of_2025_read_it() => Encoding.ASCII.GetString(Uapi.FormatSet(new DeviceUpdate(null, null, null, [
        new PeerUpdate(new PublicKey(Bytes(1)), UpdateOnly: true, RemovedAllowedIps: [IpPrefix.Parse("10.0.0.1/32"), IpPrefix.Parse("fd00::/64")])]))).ShouldBe("""
            set=1
            public_key=0101010101010101010101010101010101010101010101010101010101010101
            update_only=true
            allowed_ip=-10.0.0.1/32
            allowed_ip=-fd00::/64


            """);

    [Fact]
    public void Only_an_empty_line_completes_an_answer()
    {
        Uapi.IsComplete("errno=0\n"u8).ShouldBeFalse();
        Uapi.IsComplete(""u8).ShouldBeFalse();
        Uapi.IsComplete("errno=0\n\n"u8).ShouldBeTrue();
    }

    private static PrivateKey Filled(byte value) => new(Bytes(value));

    private static byte[] Bytes(byte value) => [.. Enumerable.Repeat(value, 32)];
}
