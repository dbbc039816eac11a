using CsCheck;
using Elysium.WireGuard;

namespace Elysium.Tests.WireGuard;

public sealed class KeyTests
{
    private const string Base64 = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    private static readonly Gen<byte[]> Bytes = Gen.Byte.Array[32].Where(bytes => bytes.Any(b => b != 0));

    [Theory]
    [InlineData("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a", "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")]
    [InlineData("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb", "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")]
    public void Public_keys_are_those_of_RFC_7748_section_6_1(string privateHex, string publicHex)
    {
        PrivateKey.TryParseHex(privateHex, out var key).ShouldBeTrue();
        key.PublicKey.ToHex().ShouldBe(publicHex);
    }

    [Fact]
    public void A_public_key_survives_both_spellings() => Bytes.Sample(bytes =>
    {
        var key = new PublicKey(bytes);
        PublicKey.Parse(key.ToString()).ShouldBe(key);
        PublicKey.TryParseHex(key.ToHex(), out var fromHex).ShouldBeTrue();
        fromHex.ShouldBe(key);
        var copy = new byte[32];
        key.CopyTo(copy);
        copy.ShouldBe(bytes);
    });

    [Fact]
    public void A_private_key_is_clamped_once_and_for_all() => Bytes.Sample(bytes =>
    {
        var key = new PrivateKey(bytes);
        PrivateKey.TryParse(key.ToBase64(), out var again).ShouldBeTrue();
        again.ShouldBe(key);
        again.ToHex().ShouldBe(key.ToHex());
        var clamped = Convert.FromHexString(key.ToHex());
        (clamped[0] & 7).ShouldBe(0);
        (clamped[31] & 192).ShouldBe(64);
    });

    [Theory]
    [InlineData("")]
    [InlineData("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE")]
    [InlineData("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQF=")]
    [InlineData("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB")]
    [InlineData(" AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE")]
    [InlineData("AQEBAQEBAQEBAQEBAQEB\nQEBAQEBAQEBAQEBAQEBAQE=")]
    [InlineData("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n")]
    [InlineData("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB_QEBAQEBAQE=")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public void Only_canonical_base64_of_32_bytes_that_are_not_all_zero_is_a_key(string text)
    {
        PublicKey.TryParse(text, out _).ShouldBeFalse();
        PrivateKey.TryParse(text, out _).ShouldBeFalse();
        PresharedKey.TryParse(text, out _).ShouldBeFalse();
        Should.Throw<FormatException>(() => PublicKey.Parse(text));
    }

    [Fact]
    public void Any_single_changed_character_is_another_key_or_none() =>
        Gen.Select(Gen.Int[0, 43], Gen.Char).Where(change => Base64[change.Item1] != change.Item2).Sample(change =>
        {
            var text = string.Concat(Base64.AsSpan(0, change.Item1), [change.Item2], Base64.AsSpan(change.Item1 + 1));
            (PublicKey.TryParse(text, out var key) && key == PublicKey.Parse(Base64)).ShouldBeFalse();
        });

    [Fact]
    public void Secrets_do_not_show_themselves()
    {
        var key = PrivateKey.Generate();
        var preshared = PresharedKey.Generate();
        var spec = new DeviceSpec(key, 0, []);
        var update = new PeerUpdate(key.PublicKey, PresharedKey: preshared);
        foreach (var text in new[] { key.ToString(), $"{spec}", preshared.ToString(), $"{update}" })
        {
            text.ShouldNotContain(key.ToBase64());
            text.ShouldNotContain(key.ToHex());
            text.ShouldNotContain(preshared.ToBase64());
            text.ShouldNotContain(preshared.ToHex());
        }
    }

    [Fact]
    public void Two_generated_keys_differ() => PrivateKey.Generate().ShouldNotBe(PrivateKey.Generate());

    [Fact]
    public void Public_keys_sort_as_their_bytes_do() => Gen.Select(Bytes, Bytes).Sample((left, right) =>
        Math.Sign(new PublicKey(left).CompareTo(new PublicKey(right))).ShouldBe(Math.Sign(left.AsSpan().SequenceCompareTo(right))));
}
