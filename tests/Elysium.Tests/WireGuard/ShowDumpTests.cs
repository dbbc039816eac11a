using System.Net;
using CsCheck;
using Elysium.WireGuard;

namespace Elysium.Tests.WireGuard;

public sealed class ShowDumpTests
{
    // Printed by wg 1.0.20210914 over wireguard-go 0.0.20220316; the handshake and counters after a ping.
    private const string One =
        "AAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAUE=\tpOCSkrZRwni5dyxWn1+puxPZBrRqtoyd+dwrRAn4ogk=\t51820\t0xca6c\n"
        + "GtL7fZc/bLnqZldpVofMCD6hDjrK28SsdLxevJ+qtKU=\t/UwcSPg38hW/D9Y3tcS1FOV0K1wuURMbS0sesJEP5ak=\t[2001:db8::1]:51821\t10.0.0.2/32,fd00::2/128\t0\t0\t0\t25\n"
        + "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=\t(none)\t192.0.2.7:1234\t0.0.0.0/0\t1763900281\t4348\t4436\toff\n"
        + "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=\t(none)\t(none)\t(none)\t0\t0\t0\toff\n";

    private const string All = "wg1\t(none)\t(none)\t52801\toff\n"
        + "wg0\tAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAUE=\tpOCSkrZRwni5dyxWn1+puxPZBrRqtoyd+dwrRAn4ogk=\t51820\t0xca6c\n"
        + "wg0\tTrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=\t(none)\t(none)\t(none)\t0\t0\t0\toff\n";

    [Fact]
    public void A_dump_of_the_real_wg_is_read_whole_and_written_the_same()
    {
        ShowDump.TryParse("wg0", One, out var device, out var error).ShouldBeTrue(error?.ToString());
        device.Name.ShouldBe("wg0");
        device.PrivateKey!.ToBase64().ShouldBe("AAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAUE=");
        (device.ListenPort, device.FirewallMark).ShouldBe((51820, 0xca6cu));
        device.Peers.Count.ShouldBe(3);
        device.Peers[0].PresharedKey!.ToBase64().ShouldBe("/UwcSPg38hW/D9Y3tcS1FOV0K1wuURMbS0sesJEP5ak=");
        device.Peers[0].Endpoint.ShouldBe(IPEndPoint.Parse("[2001:db8::1]:51821"));
        device.Peers[0].AllowedIps.ShouldBe([IpPrefix.Parse("10.0.0.2/32"), IpPrefix.Parse("fd00::2/128")]);
        device.Peers[0].PersistentKeepalive.ShouldBe((ushort)25);
        device.Peers[0].LastHandshake.ShouldBeNull();
        device.Peers[1].PresharedKey.ShouldBeNull();
        device.Peers[1].LastHandshake.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(1763900281));
        (device.Peers[1].ReceivedBytes, device.Peers[1].SentBytes).ShouldBe((4348, 4436));
        device.Peers[2].Endpoint.ShouldBeNull();
        device.Peers[2].AllowedIps.ShouldBeEmpty();
        ShowDump.Format(device).ShouldBe(One);
    }

    [Fact]
    public void A_dump_of_all_devices_is_read_whole_and_written_the_same()
    {
        ShowDump.TryParseAll(All, out var devices, out var error).ShouldBeTrue(error?.ToString());
        devices.Select(device => (device.Name, device.PrivateKey is null, device.Peers.Count)).ShouldBe([("wg1", true, 0), ("wg0", false, 1)]);
        ShowDump.FormatAll(devices).ShouldBe(All);
        ShowDump.TryParseAll("", out devices, out _).ShouldBeTrue();
        devices.ShouldBeEmpty();
    }

    [Fact]
    public void Any_device_that_is_written_is_read_back_the_same() => Gen.Select(DeviceGen.Actual, Gen.Long[0, 4_000_000_000], Gen.Long[0, long.MaxValue]).Sample((made, handshake, bytes) =>
    {
        var device = made with
        {
            Peers = [.. made.Peers.Select(peer => peer with
            {
                LastHandshake = handshake == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(handshake),
                ReceivedBytes = bytes,
                SentBytes = bytes / 2,
            })],
        };
        ShowDump.TryParse("wg0", ShowDump.Format(device), out var read, out var error).ShouldBeTrue(error?.ToString());
        (read with { Peers = device.Peers }).ShouldBe(device);
        foreach (var (got, given) in read.Peers.Zip(device.Peers, (got, given) => (got, given)))
        {
            got.AllowedIps.ShouldBe(given.AllowedIps);
            (got with { AllowedIps = given.AllowedIps }).ShouldBe(given);
        }

        var named = device with { Name = "other" };
        ShowDump.TryParseAll(ShowDump.FormatAll([device, named]), out var both, out error).ShouldBeTrue(error?.ToString());
        both.Select(ShowDump.Format).ShouldBe([ShowDump.Format(device), ShowDump.Format(named)]);
    });

    [Theory]
    [InlineData("[fe80::1%eth0]:51820", "[fe80::1]:51820")]
    [InlineData("[fe80::1%2]:51820", "[fe80::1%2]:51820")]
    [InlineData("[::ffff:192.0.2.1]:51820", "[::ffff:192.0.2.1]:51820")]
    public void The_name_of_a_zone_is_left_out(string printed, string read)
    {
        ShowDump.TryParse("wg0", One.Replace("192.0.2.7:1234", printed), out var device, out var error).ShouldBeTrue(error?.ToString());
        device.Peers[1].Endpoint!.ToString().ShouldBe(read);
    }

    [Theory]
    [InlineData("", 1, "no device")]
    [InlineData("\n", 1, "It has 1 fields")]
    [InlineData("x\t(none)\t0\toff", 1, "private key")]
    [InlineData("(none)\tx\t0\toff", 1, "public key")]
    [InlineData("(none)\t(none)\t65536\toff", 1, "'65536'")]
    [InlineData("(none)\t(none)\t0\t0x100000000", 1, "mark")]
    [InlineData("(none)\t(none)\t0\toff\n(none)\t(none)\t0\toff", 2, "second device")]
    [InlineData("(none)\t(none)\t0\toff\textra", 1, "It has 5 fields")]
    [InlineData("(none)\t(none)\t0\toff\n\t\t\t\t\t\t\t\t\t", 2, "too many fields")]
    [InlineData("TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=\t(none)\t(none)\t(none)\t0\t0\t0\toff\n", 1, "does not stand before it")]
    public void A_dump_that_makes_no_sense_is_refused(string text, int line, string part)
    {
        ShowDump.TryParse("wg0", text, out var device, out var error).ShouldBeFalse();
        device.ShouldBeNull();
        error!.Line.ShouldBe(line, error.Message);
        error.Message.ShouldContain(part);
    }

    [Theory]
    [InlineData(0, "x", "public key")]
    [InlineData(1, "/UwcSPg38hW/D9Y3tcS1FOV0K1wuURMbS0sesJEP5a", "preshared key")]
    [InlineData(2, "vpn.example.org:51820", "endpoint is 'vpn.example.org:51820'")]
    [InlineData(2, "192.0.2.7", "endpoint is")]
    [InlineData(3, "10.0.0.1/24", "'10.0.0.1/24'")]
    [InlineData(3, "10.0.0.0/24,", "an empty value")]
    [InlineData(3, "", "an empty value")]
    [InlineData(4, "-1", "numbers")]
    [InlineData(4, "253402300800", "numbers")]
    [InlineData(5, "9223372036854775808", "numbers")]
    [InlineData(6, "1e3", "numbers")]
    [InlineData(7, "65536", "keepalive")]
    [InlineData(7, "", "keepalive")]
    public void A_field_of_a_peer_that_makes_no_sense_is_refused(int field, string value, string part)
    {
        var lines = One.Split('\n');
        var fields = lines[2].Split('\t');
        fields[field] = value;
        lines[2] = string.Join('\t', fields);
        ShowDump.TryParse("wg0", string.Join('\n', lines), out _, out var error).ShouldBeFalse();
        error!.Line.ShouldBe(3);
        error.Message.ShouldContain(part);
    }

    [Theory]
    [InlineData("wg0\t(none)\t(none)\t0\toff\nwg0\t(none)\t(none)\t0\toff", 2, "'wg0' is there already")]
    [InlineData("wg0\t(none)\t(none)\t0\toff\nwg1\tTrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=\t(none)\t(none)\t(none)\t0\t0\t0\toff", 2, "does not stand before it")]
    [InlineData("\t(none)\t(none)\t0\toff", 1, "name of an interface")]
    [InlineData("(none)", 1, "It has")]
    public void A_dump_of_all_that_makes_no_sense_is_refused(string text, int line, string part)
    {
        ShowDump.TryParseAll(text, out var devices, out var error).ShouldBeFalse();
        devices.ShouldBeNull();
        error!.Line.ShouldBe(line, error.Message);
        error.Message.ShouldContain(part);
    }

    [Fact]
    public void A_peer_stands_once()
    {
        ShowDump.TryParse("wg0", One + One.Split('\n')[1], out _, out var error).ShouldBeFalse();
        error!.Line.ShouldBe(5);
        error.Message.ShouldContain("GtL7fZc/bLnqZldpVofMCD6hDjrK28SsdLxevJ+qtKU=");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\tb")]
    [InlineData("a\nb")]
    public void A_name_that_would_be_more_than_a_field_is_not_written(string name) =>
        Should.Throw<ArgumentException>(() => ShowDump.FormatAll([DeviceGen.Fresh with { Name = name }]));

    [Fact]
    public void Anything_put_into_a_dump_is_read_or_refused_and_tells_no_secret() =>
        Gen.Select(Gen.Int[0, One.Length], Gen.Int[0, 60], Gen.String[Gen.OneOf(Gen.Char, QuickGen.Any([.. "\t\n\r ,/:.0"])), 0, 6]).Sample((at, cut, put) =>
        {
            cut = Math.Min(cut, One.Length - at);
            var text = string.Concat(One.AsSpan(0, at), put, One.AsSpan(at + cut));
            var good = ShowDump.TryParse("wg0", text, out var device, out var error);
            good.ShouldBe(device is not null);
            good.ShouldBe(error is null);
            error?.Message.ShouldNotContain("UwcSPg38hW/D9Y3tcS1F", Case.Sensitive);
            error?.Message.ShouldNotContain("EBAQEBAQEBAQEBAQEBAQ", Case.Sensitive);
            good = ShowDump.TryParseAll(text, out var devices, out error);
            good.ShouldBe(devices is not null);
            good.ShouldBe(error is null);
        });
}
