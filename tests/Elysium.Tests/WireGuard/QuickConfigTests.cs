using System.Net;
using CsCheck;
using Elysium.WireGuard;

namespace Elysium.Tests.WireGuard;

public sealed class QuickConfigTests
{
    private const string Private = "AAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAUE=";
    private const string Preshared = "/UwcSPg38hW/D9Y3tcS1FOV0K1wuURMbS0sesJEP5ak=";
    private const string First = "GtL7fZc/bLnqZldpVofMCD6hDjrK28SsdLxevJ+qtKU=";
    private const string Second = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
    private const string Zero = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    private const string APeer = $"[Peer]\nPublicKey={First}\n";

    private const string Everything = $"""
        [Interface]
        Address = 10.200.100.8/24
        Address = fd00::8/64
        DNS = 10.200.100.1
        DNS = fd00::1
        DNS = corp.example
        DNS = ~.
        MTU = 1380
        Table = 1234
        SaveConfig = true
        PreUp = ip rule add ipproto tcp dport 22 table 1234 # keep this
        PostUp = wg set %i peer {First} persistent-keepalive 25
        PostUp = iptables -A FORWARD -i %i -j ACCEPT; echo "a=b" | cat
        PreDown = echo down
        PostDown = echo gone
        ListenPort = 51820
        FwMark = 0xca6c
        PrivateKey = {Private}

        [Peer]
        PublicKey = {First}
        PresharedKey = {Preshared}
        AllowedIPs = 0.0.0.0/0, ::/0
        Endpoint = demo.wireguard.example:12912
        PersistentKeepalive = 25

        [Peer]
        PublicKey = {Second}
        AllowedIPs = 10.192.122.4/32, 192.168.0.0/16
        Endpoint = [2607:5300:60:6b0::c05f:543]:2468

        """;

    [Fact]
    public void Every_field_of_the_man_pages_is_read()
    {
        var config = Read(Everything);
        config.PrivateKey!.ToBase64().ShouldBe(Private);
        config.ListenPort.ShouldBe(51820);
        config.FirewallMark.ShouldBe(0xca6cu);
        config.Addresses.ShouldBe([new QuickAddress(IPAddress.Parse("10.200.100.8"), 24), new QuickAddress(IPAddress.Parse("fd00::8"), 64)]);
        config.Addresses[0].Network.ShouldBe(IpPrefix.Parse("10.200.100.0/24"));
        config.DnsServers.ShouldBe([IPAddress.Parse("10.200.100.1"), IPAddress.Parse("fd00::1")]);
        config.SearchDomains.ShouldBe(["corp.example", "~."]);
        config.Mtu.ShouldBe(1380);
        config.Table.ShouldBe(QuickTable.Of(1234));
        config.Table.Number.ShouldBe(1234u);
        config.SaveConfig.ShouldBeTrue();
        config.PreUp.ShouldBe(["ip rule add ipproto tcp dport 22 table 1234 # keep this"]);
        config.PostUp.ShouldBe([$"wg set %i peer {First} persistent-keepalive 25", "iptables -A FORWARD -i %i -j ACCEPT; echo \"a=b\" | cat"]);
        config.PreDown.ShouldBe(["echo down"]);
        config.PostDown.ShouldBe(["echo gone"]);
        config.Peers.Count.ShouldBe(2);
        config.Peers[0].PublicKey.ToString().ShouldBe(First);
        config.Peers[0].PresharedKey!.ToBase64().ShouldBe(Preshared);
        config.Peers[0].AllowedIps.ShouldBe([IpPrefix.Parse("0.0.0.0/0"), IpPrefix.Parse("::/0")]);
        config.Peers[0].Endpoint.ShouldBe(new DnsEndPoint("demo.wireguard.example", 12912));
        config.Peers[0].PersistentKeepalive.ShouldBe((ushort)25);
        config.Peers[1].PresharedKey.ShouldBeNull();
        config.Peers[1].Endpoint.ShouldBe(IPEndPoint.Parse("[2607:5300:60:6b0::c05f:543]:2468"));
        config.Peers[1].PersistentKeepalive.ShouldBe((ushort)0);
    }

    [Fact]
    public void What_is_written_is_the_canonical_file() => Read(Everything).Format().ShouldBe(Everything);

    [Fact]
    public void Any_configuration_that_is_written_is_read_back_the_same() => QuickGen.Config.Sample(config =>
    {
        var text = config.Format();
        var read = Read(text);
        read.Format().ShouldBe(text);
        (read with
        {
            Addresses = config.Addresses,
            DnsServers = config.DnsServers,
            SearchDomains = config.SearchDomains,
            PreUp = config.PreUp,
            PostUp = config.PostUp,
            PreDown = config.PreDown,
            PostDown = config.PostDown,
            Peers = config.Peers,
        }).ShouldBe(config);
        read.Addresses.ShouldBe(config.Addresses);
        read.DnsServers.ShouldBe(config.DnsServers);
        read.SearchDomains.ShouldBe(config.SearchDomains);
        read.PreUp.ShouldBe(config.PreUp);
        read.PostUp.ShouldBe(config.PostUp);
        read.PreDown.ShouldBe(config.PreDown);
        read.PostDown.ShouldBe(config.PostDown);
        read.Peers.Count.ShouldBe(config.Peers.Count);
        foreach (var (got, given) in read.Peers.Zip(config.Peers))
        {
            got.AllowedIps.ShouldBe(given.AllowedIps);
            (got with { AllowedIps = given.AllowedIps }).ShouldBe(given);
        }
    });

    [Theory]
    [InlineData("")]
    [InlineData("\n\n# nothing\n \t\r\n")]
    [InlineData("[Interface]")]
    [InlineData("\uFEFF[Interface]\n")]
    [InlineData("[INTERFACE] # twice\n[ inter face ]\r\n")]
    [InlineData($"[Interface]\nPrivateKey = {Zero}\nFwMark = off\nListenPort = 0\n")]
    [InlineData("[Interface]\nAddress =\nDNS = ,\nMTU =\nTable =\nPostUp =\nSaveConfig = FALSE")]
    public void Nothing_said_is_nothing_configured(string text) => Read(text).Format().ShouldBe("[Interface]\n");

    [Theory]
    [InlineData("listenport=51820", "ListenPort = 51820")]
    [InlineData("LISTEN PORT = 5 1", "ListenPort = 51")]
    [InlineData("ListenPort = 0051820 # comment", "ListenPort = 51820")]
    [InlineData("ListenPort = 1\r\nListenPort = 2\r", "ListenPort = 2")]
    [InlineData("FwMark = 0X10", null)]
    [InlineData("FwMark = 0x0000000000010", "FwMark = 0x10")]
    [InlineData("FwMark = 4294967295", "FwMark = 0xffffffff")]
    [InlineData("FwMark = OFF", "")]
    [InlineData("Address = 10.0.0.1, fd00::1 10.0.0.2/24,", "Address = 10.0.0.1/32\nAddress = fd00::1/128\nAddress = 10.0.0.2/24")]
    [InlineData("DNS = 1.1.1.1, lan, fe80::1%2", "DNS = 1.1.1.1\nDNS = fe80::1%2\nDNS = lan")]
    [InlineData("MTU = 1280\nMTU = 1420", "MTU = 1420")]
    [InlineData("Table = AUTO", "")]
    [InlineData("Table = off", "Table = off")]
    [InlineData("Table = main", "Table = 254")]
    [InlineData("Table = 0x10", "Table = 16")]
    [InlineData("saveconfig=True", "SaveConfig = true")]
    [InlineData("PostUp = # only a comment for bash", "PostUp = # only a comment for bash")]
    [InlineData("PostUp=echo ü 🙂", "PostUp = echo ü 🙂")]
    public void A_line_of_the_interface_is_read_as_wg_quick_and_wg_read_it(string line, string? written)
    {
        var good = QuickConfig.TryParse($"[Interface]\n{line}", out var config, out _);
        good.ShouldBe(written is not null);
        config?.Format().ShouldBe(written!.Length == 0 ? "[Interface]\n" : $"[Interface]\n{written}\n");
    }

    [Theory]
    [InlineData("AllowedIPs = 10.0.0.77/24", "AllowedIPs = 10.0.0.0/24")]
    [InlineData("AllowedIPs = 10.0.0.1,fd00::1", "AllowedIPs = 10.0.0.1/32, fd00::1/128")]
    [InlineData("AllowedIPs = 1 0.0.0.1 / 032\nallowed ips=10.0.0.2/32", "AllowedIPs = 10.0.0.1/32, 10.0.0.2/32")]
    [InlineData("AllowedIPs =", "")]
    [InlineData($"PresharedKey = {Preshared}\nPresharedKey = {Zero}", "")]
    [InlineData($"PublicKey = {Second}\nPublicKey = {First}", "")]
    [InlineData("PersistentKeepalive = 65535", "PersistentKeepalive = 65535")]
    [InlineData("PersistentKeepalive = Off", "")]
    [InlineData("Endpoint = 192.0.2.1:51820", "Endpoint = 192.0.2.1:51820")]
    [InlineData("Endpoint = [192.0.2.1]:51820", "Endpoint = 192.0.2.1:51820")]
    [InlineData("Endpoint = [2001:DB8::1]:51820", "Endpoint = [2001:db8::1]:51820")]
    [InlineData("Endpoint = 2001:db8::1:51820", "Endpoint = [2001:db8::1]:51820")]
    [InlineData("Endpoint = [fe80::1%2]:51820", "Endpoint = [fe80::1%2]:51820")]
    [InlineData("Endpoint = [fe80::1%eth0]:51820", "Endpoint = [fe80::1%eth0]:51820")]
    [InlineData("Endpoint = vpn.example.org.:65535", "Endpoint = vpn.example.org.:65535")]
    [InlineData("Endpoint = [vpn]:1\nEndpoint = vpn2:2", "Endpoint = vpn2:2")]
    public void A_line_of_a_peer_is_read_as_wg_reads_it(string line, string written) =>
        Read($"{APeer}{line}").Format().ShouldBe($"[Interface]\n\n[Peer]\nPublicKey = {First}\n{written}\n".Replace("\n\n\n", "\n\n").TrimEnd() + "\n");

    [Theory]
    [InlineData("PrivateKey = x", 1, "before the first section")]
    [InlineData("\n\nnonsense", 3, "'nonsense' is no line of such a file")]
    [InlineData("[Interface]\n[Peers]", 2, "'[Peers]'")]
    [InlineData("[Peer]\nnonsense", 2, "'nonsense' is no line")]
    [InlineData("[Interface]\nName = x", 2, "'Name' is no key of [Interface]; known are PrivateKey, ListenPort")]
    [InlineData("[Interface]\nPost Up = x", 2, "'PostUp' is no key of [Interface]")]
    [InlineData("[Interface]\nAllowedIPs = 10.0.0.0/8", 2, "no key of [Interface]")]
    [InlineData("[Interface]\nListenPort = 65536", 2, "ListenPort is '65536'; it must be 0 to 65535")]
    [InlineData("[Interface]\nListenPort = 18446744073709551617", 2, "ListenPort is a value of 20 characters")]
    [InlineData("[Interface]\nListenPort = -1", 2, "'-1'")]
    [InlineData("[Interface]\nListenPort =", 2, "an empty value")]
    [InlineData("[Interface]\nListenPort = ٣", 2, "'?'")]
    [InlineData("[Interface]\nFwMark = 0x", 2, "FwMark is '0x'")]
    [InlineData("[Interface]\nFwMark = 0x100000000", 2, "0x and up to 8 hex digits")]
    [InlineData("[Interface]\nFwMark = 4294967296", 2, "'4294967296'")]
    [InlineData("[Interface]\nMTU = 67", 2, "MTU is '67'; it must be 68 to 65535")]
    [InlineData("[Interface]\nTable = 0", 2, "Table is '0'")]
    [InlineData("[Interface]\nTable = vpn", 2, "off, auto, main")]
    [InlineData("[Interface]\nSaveConfig = yes", 2, "true or false")]
    [InlineData("[Interface]\nAddress = 10.0.0.1/33", 2, "'10.0.0.1/33'")]
    [InlineData("[Interface]\nAddress = 10.1/24", 2, "'10.1/24'")]
    [InlineData("[Interface]\nDNS = 1.1.1.300", 2, "'1.1.1.300'")]
    [InlineData("[Interface]\nDNS = exa mple, -x", 2, "'-x'")]
    [InlineData("[Interface]\nPostUp", 2, "'PostUp' is no line")]
    [InlineData("[Interface]\nPostUp = a\0b", 2, "NUL")]
    [InlineData("[Interface]\nPrivateKey = abc", 2, "PrivateKey has 3 characters that are no key")]
    [InlineData("[Peer]\nAllowedIPs = 10.0.0.0/8\n[Interface]\n", 1, "This [Peer] has no PublicKey")]
    [InlineData($"{APeer}\n[Peer]\n# the last", 4, "This [Peer] has no PublicKey")]
    [InlineData($"{APeer}{APeer}\n[Interface]", 4, $"The peer {First} stands in line 2 already")]
    [InlineData($"[Peer]\nPublicKey = {Zero}", 2, "not all zero")]
    [InlineData($"{APeer}Address = 10.0.0.1/24", 3, "'Address' is no key of [Peer]")]
    [InlineData($"{APeer}AllowedIPs = 10.0.0.1/24,", 3, "an empty value")]
    [InlineData($"{APeer}AllowedIPs = 10.0.0.1/24, 10.0.0.256", 3, "'10.0.0.256'")]
    [InlineData($"{APeer}AllowedIPs = 010.0.0.1/32", 3, "'010.0.0.1/32'")]
    [InlineData($"{APeer}AllowedIPs = ::1/129", 3, "'::1/129'")]
    [InlineData($"{APeer}AllowedIPs = 10.0.0.0/", 3, "'10.0.0.0/'")]
    [InlineData($"{APeer}AllowedIPs = +10.0.0.0/8", 3, "'+10.0.0.0/8'")]
    [InlineData($"{APeer}Endpoint = 192.0.2.1", 3, "Endpoint is '192.0.2.1'")]
    [InlineData($"{APeer}Endpoint = 192.0.2.1:0", 3, "the port 1 to 65535")]
    [InlineData($"{APeer}Endpoint = 10.1:51820", 3, "'10.1:51820'")]
    [InlineData($"{APeer}Endpoint = 0x7f000001:51820", 3, "'0x7f000001:51820'")]
    [InlineData($"{APeer}Endpoint = [::1:51820", 3, "'[::1:51820'")]
    [InlineData($"{APeer}Endpoint = [::1]51820", 3, "'[::1]51820'")]
    [InlineData($"{APeer}Endpoint = :51820", 3, "':51820'")]
    [InlineData($"{APeer}Endpoint = bücher.example:1", 3, "'b?cher.example:1'")]
    [InlineData($"{APeer}Endpoint = [2001:db8::1%eth0]:1", 3, "Endpoint is")]
    [InlineData($"{APeer}PersistentKeepalive = 65536", 3, "off or 0 to 65535 seconds")]
    public void What_makes_no_sense_is_refused_by_line_value_and_what_is_allowed(string text, int line, string part)
    {
        QuickConfig.TryParse(text, out var config, out var error).ShouldBeFalse();
        config.ShouldBeNull();
        error!.Line.ShouldBe(line, error.Message);
        error.Message.ShouldContain(part);
        error.ToString().ShouldStartWith($"line {line}: ");
    }

    [Fact]
    public void A_specification_needs_a_key_and_somebody_who_knows_names()
    {
        var config = Read(Everything);
        var address = IPEndPoint.Parse("192.0.2.9:12912");
        var spec = config.ToDeviceSpec(name => name.Host == "demo.wireguard.example" ? address : null);
        spec.PrivateKey.ShouldBe(config.PrivateKey);
        (spec.ListenPort, spec.FirewallMark).ShouldBe((51820, 0xca6cu));
        spec.Peers.Select(peer => peer.Endpoint).ShouldBe([address, IPEndPoint.Parse("[2607:5300:60:6b0::c05f:543]:2468")]);
        spec.Peers[0].PresharedKey.ShouldBe(config.Peers[0].PresharedKey);
        spec.Peers[0].PersistentKeepalive.ShouldBe((ushort)25);
        spec.Peers[1].AllowedIps.ShouldBe(config.Peers[1].AllowedIps);

        config.ToDeviceSpec(_ => null).Peers[0].Endpoint.ShouldBeNull();
        Should.Throw<InvalidOperationException>(() => config.ToDeviceSpec()).Message.ShouldContain("demo.wireguard.example");
        Should.Throw<InvalidOperationException>(() => new QuickConfig().ToDeviceSpec()).Message.ShouldContain("private key");
    }

    [Fact]
    public void A_device_becomes_the_file_that_makes_it_again() => DeviceGen.Actual.Sample(device =>
    {
        var read = Read(QuickConfig.FromDevice(device).Format());
        if (device.PrivateKey is null)
        {
            read.PrivateKey.ShouldBeNull();
            return;
        }

        DeviceDiff.Between(read.ToDeviceSpec(), device, null).ShouldBeNull();
    });

    [Fact]
    public void A_port_that_nothing_can_be_sent_to_is_no_endpoint() =>
        QuickConfig.FromDevice(new Device("wg0", null, 0, 0, [new Peer(PublicKey.Parse(First), null, IPEndPoint.Parse("192.0.2.1:0"), 0, null, 0, 0, [])]))
            .Format().ShouldBe($"[Interface]\n\n[Peer]\nPublicKey = {First}\n");

    [Fact]
    public void What_cannot_stand_in_a_file_is_not_written()
    {
        var peer = new QuickPeer(PublicKey.Parse(First));
        QuickConfig[] wrong =
        [
            new() { PostUp = ["echo\nPrivateKey = x"] },
            new() { PreUp = [" echo"] },
            new() { PreDown = [""] },
            new() { PostDown = ["a\0"] },
            new() { SearchDomains = ["a\nb"] },
            new() { SearchDomains = ["1.2.3"] },
            new() { ListenPort = 65536 },
            new() { ListenPort = -1 },
            new() { Mtu = 0 },
            new() { Peers = [peer, peer] },
            new() { Peers = [new QuickPeer(default(PublicKey))] },
            new() { Peers = [peer with { Endpoint = new DnsEndPoint("a\nb", 1) }] },
            new() { Peers = [peer with { Endpoint = new DnsEndPoint("a", 0) }] },
            new() { Peers = [peer with { Endpoint = new System.Net.Sockets.UnixDomainSocketEndPoint("/x") }] },
        ];
        foreach (var config in wrong)
        {
            Should.Throw<InvalidOperationException>(config.Format);
        }
    }

    [Fact]
    public void Values_that_cannot_be_are_not_made()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => new QuickAddress(IPAddress.Loopback, 33));
        Should.Throw<ArgumentOutOfRangeException>(() => QuickTable.Of(0));
        new QuickAddress(IPAddress.Parse("fe80::1%3"), 64).ToString().ShouldBe("fe80::1/64");
        default(QuickAddress).ToString().ShouldBe("0.0.0.0/0");
    }

    [Fact]
    public void A_configuration_shows_no_secret_of_its_device() => Read(Everything).ToString().ShouldNotContain(Private[..10]);

    private static QuickConfig Read(string text)
    {
        QuickConfig.TryParse(text, out var config, out var error).ShouldBeTrue(error?.ToString());
        error.ShouldBeNull();
        return config!;
    }
}
