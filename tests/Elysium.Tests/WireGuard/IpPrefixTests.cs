using System.Net;
using CsCheck;
using Elysium.WireGuard;

namespace Elysium.Tests.WireGuard;

public sealed class IpPrefixTests
{
    private static readonly Gen<IPAddress> Addresses = Gen.OneOf(
        Gen.Byte.Array[4].Select(bytes => new IPAddress(bytes)),
        Gen.Byte.Array[16].Select(bytes => new IPAddress(bytes)));

    private static readonly Gen<IpPrefix> Prefixes = Gen.Select(Addresses, Gen.Int[0, 128])
        .Select((address, length) => IpPrefix.Containing(address, address.GetAddressBytes().Length == 4 ? length % 33 : length));

    [Theory]
    [InlineData("10.77.0.0/24")]
    [InlineData("0.0.0.0/0")]
    [InlineData("255.255.255.255/32")]
    [InlineData("::/0")]
    [InlineData("fd00:1::/64")]
    [InlineData("2001:db8::1/128")]
    public void A_prefix_is_read_and_written(string text)
    {
        IpPrefix.Parse(text).ToString().ShouldBe(text);
        IpPrefix.Parse(text).ShouldBe(new IpPrefix(IPAddress.Parse(text.Split('/')[0]), int.Parse(text.Split('/')[1])));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("10.77.0.0")]
    [InlineData("10.77.0.0/")]
    [InlineData("10.77.0.1/24")]
    [InlineData("10.77.0.0/33")]
    [InlineData("10.77.0.0/-1")]
    [InlineData("10.77.0.0/+1")]
    [InlineData("10.77.0.0/024")]
    [InlineData("10.77.0.0/24 ")]
    [InlineData(" 10.77.0.0/24")]
    [InlineData("10.77.0.0/24/8")]
    [InlineData("010.77.0.0/24")]
    [InlineData("10.77.0/24")]
    [InlineData("10.77.0.0.0/24")]
    [InlineData("10.77.0.256/32")]
    [InlineData("10..0.0/24")]
    [InlineData("0xa.0.0.0/8")]
    [InlineData("167772160/8")]
    [InlineData("fd00::1/64")]
    [InlineData("fd00::/129")]
    [InlineData("[fd00::]/64")]
    [InlineData("fe80::%1/64")]
    [InlineData("fd00:::/64")]
    [InlineData("::ffff:1.2.3.04/128")]
    public void What_is_no_prefix_is_refused(string text)
    {
        IpPrefix.TryParse(text, out _).ShouldBeFalse();
        Should.Throw<FormatException>(() => IpPrefix.Parse(text));
    }

    [Fact]
    public void Every_prefix_survives_its_text() => Prefixes.Sample(prefix => IpPrefix.Parse(prefix.ToString()).ShouldBe(prefix));

    [Fact]
    public void What_is_read_as_an_IPv6_address_the_runtime_reads_as_the_same() =>
        Gen.OneOf(Gen.UShort.Select(group => $"{group:x}"), Gen.Const(""), Gen.Const("00"), Gen.Const("1.2.3.4"), Gen.Const("F00"), Gen.Const("12345")).Array[2, 9].Sample(
            parts =>
            {
                var text = string.Join(':', parts);
                if (IpPrefix.TryParse($"{text}/128", out var prefix))
                {
                    prefix.Address.ShouldBe(IPAddress.Parse(text));
                }
                else if (IPAddress.TryParse(text, out _))
                {
                    // The runtime lets '::' stand for no group at all; RFC 4291 §2.2 for one or more.
                    text.Replace("1.2.3.4", "1:2").Split(':', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(8);
                }
            },
            iter: 20_000);

    [Theory]
    [InlineData("::", "::")]
    [InlineData("1::", "1::")]
    [InlineData("::1", "::1")]
    [InlineData("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0")]
    [InlineData("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8")]
    [InlineData("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8")]
    [InlineData("::ffff:192.0.2.1", "::ffff:c000:201")]
    [InlineData("1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201")]
    [InlineData("FD00::ABCD", "fd00::abcd")]
    public void Every_spelling_of_RFC_4291_is_read(string text, string plain) => IpPrefix.Parse($"{text}/128").ShouldBe(IpPrefix.Of(IPAddress.Parse(plain)));

    [Theory]
    [InlineData(":")]
    [InlineData(":::")]
    [InlineData(":1")]
    [InlineData("1:")]
    [InlineData("1::2::3")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1:2:3:4:5:6:7:8::")]
    [InlineData("::1:2:3:4:5:6:7:8")]
    [InlineData("1:2:3:4:5:6:7:1.2.3.4")]
    [InlineData("1.2.3.4::")]
    [InlineData("::1.2.3")]
    [InlineData("::1.2.3.4:5")]
    [InlineData("::12345")]
    [InlineData("::g")]
    [InlineData("::\u0661")]
    public void No_other_spelling_is(string text) => IpPrefix.TryParse($"{text}/128", out _).ShouldBeFalse();

    [Fact]
    public void Equal_prefixes_have_one_hash_code() => Prefixes.Sample(prefix =>
        IpPrefix.Parse(prefix.ToString()).GetHashCode().ShouldBe(prefix.GetHashCode()));

    [Fact]
    public void Containing_is_what_IPNetwork_says() => Gen.Select(Prefixes, Addresses).Sample((prefix, address) =>
        prefix.Contains(address).ShouldBe(
            address.AddressFamily == prefix.Family && new IPNetwork(prefix.Address, prefix.Length).Contains(address)));

    [Fact]
    public void A_prefix_holds_its_first_and_last_address_and_the_wider_one() => Prefixes.Sample(prefix =>
    {
        prefix.Contains(prefix.Address).ShouldBeTrue();
        prefix.Contains(prefix.AddressAt(prefix.AddressCount - 1)).ShouldBeTrue();
        prefix.Contains(prefix).ShouldBeTrue();
        var wider = IpPrefix.Containing(prefix.Address, prefix.Length / 2);
        wider.Contains(prefix).ShouldBeTrue();
        prefix.Contains(wider).ShouldBe(wider == prefix);
        prefix.Overlaps(wider).ShouldBeTrue();
        IpPrefix.Of(prefix.Address).IsSingleAddress.ShouldBeTrue();
        Should.Throw<ArgumentOutOfRangeException>(() => prefix.AddressAt(-1));
    });

    [Fact]
    public void An_offset_leads_to_its_address_and_back() => Gen.Select(Prefixes, Gen.Long[0, long.MaxValue - 1]).Sample((prefix, number) =>
    {
        var offset = number % prefix.AddressCount;
        prefix.OffsetOf(prefix.AddressAt(offset)).ShouldBe(offset);
    });

    [Fact]
    public void Arithmetic_counts_the_network_and_the_broadcast_address()
    {
        var prefix = IpPrefix.Parse("10.77.0.0/24");
        prefix.AddressCount.ShouldBe(256);
        prefix.AddressAt(1).ShouldBe(IPAddress.Parse("10.77.0.1"));
        prefix.OffsetOf(IPAddress.Parse("10.77.0.255")).ShouldBe(255);
        prefix.OffsetOf(IPAddress.Parse("10.77.1.0")).ShouldBeNull();
        Should.Throw<ArgumentOutOfRangeException>(() => prefix.AddressAt(256));
        IpPrefix.Parse("0.0.0.0/0").AddressCount.ShouldBe(1L << 32);
        IpPrefix.Parse("::/0").AddressCount.ShouldBe(long.MaxValue);
    }

    [Theory]
    [InlineData("10.0.0.0/8", true)]
    [InlineData("172.31.255.0/24", true)]
    [InlineData("172.0.0.0/8", false)]
    [InlineData("192.168.7.0/24", true)]
    [InlineData("100.64.0.0/10", true)]
    [InlineData("100.0.0.0/8", false)]
    [InlineData("11.0.0.0/24", false)]
    [InlineData("0.0.0.0/0", false)]
    [InlineData("fd12::/48", true)]
    [InlineData("2001:db8::/32", false)]
    public void Private_is_what_the_RFCs_set_aside(string prefix, bool isPrivate) => IpPrefix.Parse(prefix).IsPrivate.ShouldBe(isPrivate);

    [Fact]
    public void The_two_families_never_meet()
    {
        IpPrefix.Parse("0.0.0.0/0").Overlaps(IpPrefix.Parse("::/0")).ShouldBeFalse();
        IpPrefix.Parse("0.0.0.0/0").ShouldNotBe(IpPrefix.Parse("::/0"));
        default(IpPrefix).ShouldBe(IpPrefix.Parse("0.0.0.0/0"));
        new[] { "::/0", "10.0.0.0/24", "10.0.0.0/8", "9.0.0.0/8" }.Select(text => IpPrefix.Parse(text)).Order().Select(prefix => prefix.ToString())
            .ShouldBe(["9.0.0.0/8", "10.0.0.0/8", "10.0.0.0/24", "::/0"]);
    }
}
