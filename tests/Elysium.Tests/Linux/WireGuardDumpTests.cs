using System.Buffers.Binary;
using System.Net;
using CsCheck;
using Elysium.Linux.Netlink;
using Elysium.WireGuard;

namespace Elysium.Tests.Linux;

public sealed class WireGuardDumpTests
{
    [Fact]
    public void What_the_kernel_tells_is_read_whole()
    {
        var device = Read(WireGuardBytes.Dump);

        device.Name.ShouldBe("wg0");
        device.PrivateKey.ShouldBe(WireGuardBytes.Key);
        device.ListenPort.ShouldBe(51820);
        device.FirewallMark.ShouldBe(0xca6cu);
        device.Peers.Count.ShouldBe(3);
        Same(device.Peers[0], new(
            WireGuardBytes.First, WireGuardBytes.PresharedKey, WireGuardBytes.FirstEndpoint, 25, null, 0, 0, WireGuardBytes.FirstAllowedIps));
        Same(device.Peers[1], new(WireGuardBytes.Second, null, WireGuardBytes.SecondEndpoint, 0, null, 0, 0, WireGuardBytes.SecondAllowedIps));
        Same(device.Peers[2], new(
            WireGuardBytes.Third,
            null,
            IPEndPoint.Parse("[::1]:51821"),
            1,
            DateTimeOffset.FromUnixTimeSeconds(1795437613).AddTicks(427228420 / TimeSpan.NanosecondsPerTick),
            ReceivedBytes: 92,
            SentBytes: 180,
            [IpPrefix.Parse("0.0.0.0/0")]));
    }

    [Fact]
    public void A_peer_that_goes_on_in_the_next_message_is_one_peer()
    {
        var device = Read(
            WireGuardBytes.Dump,
            Message(PeerOf(WireGuardBytes.Third, "10.1.0.0/16", "10.2.0.0/16"), PeerOf(WireGuardBytes.Key.PublicKey, "10.3.0.0/16")),
            Message(PeerOf(WireGuardBytes.Key.PublicKey, "10.4.0.0/16")));

        device.PrivateKey.ShouldBe(WireGuardBytes.Key);
        device.Peers.Count.ShouldBe(4);
        device.Peers[2].ReceivedBytes.ShouldBe(92);
        device.Peers[2].AllowedIps.ShouldBe([IpPrefix.Parse("0.0.0.0/0"), IpPrefix.Parse("10.1.0.0/16"), IpPrefix.Parse("10.2.0.0/16")]);
        device.Peers[3].AllowedIps.ShouldBe([IpPrefix.Parse("10.3.0.0/16"), IpPrefix.Parse("10.4.0.0/16")]);
    }

    [Fact]
    public void A_peer_that_comes_twice_is_refused_but_only_at_the_end_of_a_dump()
    {
        var dump = new WireGuardDump();
        dump.Read(0, WireGuardBytes.Dump);
        dump.Read(0, WireGuardBytes.Dump);
        Should.Throw<InvalidDataException>(() => dump.ToDevice("wg0")).Message.ShouldContain(WireGuardBytes.First.ToString());

        // It was interrupted: the kernel starts again.
        dump.Restart();
        dump.Read(0, WireGuardBytes.Dump);
        dump.ToDevice("wg0").Peers.Count.ShouldBe(3);
    }

    [Fact]
    public void A_dump_that_starts_again_forgets_everything()
    {
        var dump = new WireGuardDump();
        dump.Read(0, WireGuardBytes.Dump);
        dump.Restart();
        dump.Read(0, Message(PeerOf(WireGuardBytes.Third, "10.1.0.0/16")));
        var device = dump.ToDevice("wg0");
        device.PrivateKey.ShouldBeNull();
        (device.ListenPort, device.FirewallMark).ShouldBe((0, 0u));
        device.Peers.ShouldHaveSingleItem().AllowedIps.ShouldHaveSingleItem();
    }

    [Fact]
    public void A_peer_without_a_key_that_anybody_could_have_is_left_out()
    {
        var zero = Peer(message => message.Attribute(Wg.WGPEER_A_PUBLIC_KEY, new byte[32]));
        Read(Message(zero, PeerOf(WireGuardBytes.First, "10.1.0.0/16"))).Peers.ShouldHaveSingleItem().PublicKey.ShouldBe(WireGuardBytes.First);
    }

    [Fact]
    public void Attributes_of_a_later_kernel_are_passed_over()
    {
        var peer = Peer(message =>
        {
            message.Attribute(Wg.WGPEER_A_PUBLIC_KEY, WireGuardBytes.First.ToArray());
            message.Attribute(77, 1ul);
        });
        Read(Message(peer)).Peers.ShouldHaveSingleItem().PublicKey.ShouldBe(WireGuardBytes.First);
    }

    [Theory]
    [InlineData(Wg.WGPEER_A_PUBLIC_KEY, "00")]
    [InlineData(Wg.WGPEER_A_PRESHARED_KEY, "0000000000000000000000000000000000000000000000000000000000000000ff")]
    [InlineData(Wg.WGPEER_A_ENDPOINT, "02001194c0000207")]
    [InlineData(Wg.WGPEER_A_ENDPOINT, "0a001194c00002070000000000000000")]
    [InlineData(Wg.WGPEER_A_ENDPOINT, "")]
    [InlineData(Wg.WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, "01")]
    [InlineData(Wg.WGPEER_A_LAST_HANDSHAKE_TIME, "2d34046b0000000004fd7619")]
    [InlineData(Wg.WGPEER_A_LAST_HANDSHAKE_TIME, "ffffffffffffffff0000000000000000")]
    [InlineData(Wg.WGPEER_A_LAST_HANDSHAKE_TIME, "ffffffffffffff7f0000000000000000")]
    [InlineData(Wg.WGPEER_A_LAST_HANDSHAKE_TIME, "000000000000000000ca9a3b00000000")]
    [InlineData(Wg.WGPEER_A_RX_BYTES, "01020304")]
    [InlineData(Wg.WGPEER_A_ALLOWEDIPS, "0c000080050003002000000000")]
    [InlineData(Wg.WGPEER_A_ALLOWEDIPS, "18000080" + "080002000a4d0002" + "0500030021000000")]
    [InlineData(Wg.WGPEER_A_ALLOWEDIPS, "18000080" + "070002000a4d0000" + "0500030020000000")]
    public void Nonsense_about_a_peer_is_refused(ushort attribute, string hex)
    {
        var peer = Peer(message =>
        {
            message.Attribute(Wg.WGPEER_A_PUBLIC_KEY, WireGuardBytes.First.ToArray());
            message.Attribute(attribute, Convert.FromHexString(hex));
        });
        Should.Throw<InvalidDataException>(() => Read(Message(peer)));
    }

    [Fact]
    public void A_counter_beyond_a_long_is_the_most_that_a_long_can_say()
    {
        var peer = Peer(message =>
        {
            message.Attribute(Wg.WGPEER_A_PUBLIC_KEY, WireGuardBytes.First.ToArray());
            message.Attribute(Wg.WGPEER_A_TX_BYTES, ulong.MaxValue);
        });
        Read(Message(peer)).Peers.ShouldHaveSingleItem().SentBytes.ShouldBe(long.MaxValue);
    }

    [Fact]
    public void What_is_cut_off_is_refused_or_shorter()
    {
        for (var length = 0; length < WireGuardBytes.Dump.Length; length++)
        {
            var device = TryRead(WireGuardBytes.Dump[..length]);
            (device is null || device.Peers.Count == 0).ShouldBeTrue($"cut off at {length}");
        }
    }

    [Fact]
    public void Whatever_is_wrong_in_a_message_it_is_read_or_refused() =>
        Gen.Select(Gen.Int[0, WireGuardBytes.Dump.Length - 1], Gen.Byte).Array[1, 8].Sample(changes =>
        {
            var message = WireGuardBytes.Dump.ToArray();
            foreach (var (at, value) in changes)
            {
                message[at] = value;
            }

            TryRead(message);
        });

    [Fact]
    public void Whatever_lengths_a_message_claims_it_is_read_or_refused() =>
        Gen.Select(Gen.Int[0, (WireGuardBytes.Dump.Length / 4) - 1], Gen.UShort).Array[1, 4].Sample(changes =>
        {
            var message = WireGuardBytes.Dump.ToArray();
            foreach (var (word, length) in changes)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(4 * word), length);
            }

            TryRead(message);
        });

    [Fact]
    public void Noise_is_read_or_refused() => Gen.Byte.Array[0, 200].Sample(message => TryRead(message));

    private static Device Read(params byte[][] messages)
    {
        var dump = new WireGuardDump();
        foreach (var message in messages)
        {
            dump.Read(0, message);
        }

        return dump.ToDevice("wg0");
    }

    // Anything else that is thrown fails the test.
    private static Device? TryRead(byte[] message)
    {
        try
        {
            return Read(message);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static void Same(Peer actual, Peer expected)
    {
        actual.AllowedIps.ShouldBe(expected.AllowedIps);
        (actual with { AllowedIps = [] }).ShouldBe(expected with { AllowedIps = [] });
    }

    private delegate void Writing(ref MessageWriter message);

    private static Writing PeerOf(PublicKey key, params string[] prefixes) => (ref message) =>
    {
        message.Attribute(Wg.WGPEER_A_PUBLIC_KEY, key.ToArray());
        var nest = message.BeginNest(Wg.WGPEER_A_ALLOWEDIPS);
        foreach (var prefix in prefixes.Select(text => IpPrefix.Parse(text)))
        {
            var allowed = message.BeginNest(0);
            message.Attribute(Wg.WGALLOWEDIP_A_CIDR_MASK, (byte)prefix.Length);
            message.Attribute(Wg.WGALLOWEDIP_A_IPADDR, prefix.Address);
            message.EndNest(allowed);
        }

        message.EndNest(nest);
    };

    private static Writing Peer(Action<PeerAttributes> write) => (ref message) =>
    {
        var attributes = new PeerAttributes();
        write(attributes);
        foreach (var (type, value) in attributes.Written)
        {
            message.Attribute(type, value);
        }
    };

    private static byte[] Message(params Writing[] peers)
    {
        using var buffer = new MessageBuffer();
        var message = new MessageWriter(buffer, 0x20, 0);
        message.Write(new GenericHeader(Wg.WG_CMD_GET_DEVICE, Wg.Version));
        var nest = message.BeginNest(Wg.WGDEVICE_A_PEERS);
        foreach (var write in peers)
        {
            var peer = message.BeginNest(0);
            write(ref message);
            message.EndNest(peer);
        }

        message.EndNest(nest);
        return message.Finish()[Nl.HeaderLength..].ToArray();
    }

    /// <summary>Attributes that a test writes down, whatever they are.</summary>
    private sealed class PeerAttributes
    {
        public List<(ushort Type, byte[] Value)> Written { get; } = [];

        public void Attribute(ushort type, byte[] value) => Written.Add((type, value));

        public void Attribute(ushort type, ulong value) => Written.Add((type, BitConverter.GetBytes(value)));
    }
}
