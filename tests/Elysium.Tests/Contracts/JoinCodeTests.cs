using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Elysium.Contracts;

namespace Elysium.Tests.Contracts;

public sealed class JoinCodeTests
{
    private const string Characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    // Of every length modulo three: base64url ends in another way for each.
    private static readonly string[] Hosts = ["a", "ab", "abc", "elysium.example.com", "10.0.0.1", "[2001:db8::1]", "xn--mnchen-3ya.example"];

    private static readonly Gen<JoinCode> Codes = Gen.Select(Gen.Int[0, Hosts.Length - 1], Gen.Int[0, 65535], Gen.Byte.Array[32], Gen.Byte.Array[32])
        .Select((host, port, pin, secret) => new JoinCode(new Uri($"https://{Hosts[host]}{(port == 0 ? "" : $":{port}")}"), pin, secret));

    [Fact]
    public void Every_code_survives_its_text() => Codes.Sample(code =>
    {
        JoinCode.TryParse($" {code.Reveal()}\n", out var read, out var error).ShouldBeTrue(error);
        read.Url.ShouldBe(code.Url);
        read.Pin.ToArray().ShouldBe(code.Pin.ToArray());
        read.Secret.ToArray().ShouldBe(code.Secret.ToArray());
        read.Reveal().ShouldBe(code.Reveal());
    });

    [Fact]
    public void Every_truncation_is_refused() => Codes.Sample(
        code =>
        {
            var text = code.Reveal();
            for (var length = 0; length < text.Length; length++)
            {
                ShouldBeRefused(text[..length], code);
            }
        },
        iter: 20);

    [Fact]
    public void Every_change_of_one_character_is_refused() => Codes.Sample(
        code =>
        {
            var text = code.Reveal();
            for (var at = 0; at < text.Length; at++)
            {
                foreach (var c in Characters + "=%+/ é\0")
                {
                    if (c != text[at])
                    {
                        ShouldBeRefused(string.Concat(text.AsSpan(0, at), [c], text.AsSpan(at + 1)), code);
                    }
                }
            }
        },
        iter: 10);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \n")]
    [InlineData("ely1_")]
    [InlineData("ely2_AAAA")]
    [InlineData("ELY1_AAAA")]
    [InlineData("elye_AAAA")]
    public void What_is_no_code_is_refused(string? text)
    {
        JoinCode.TryParse(text, out var code, out var error).ShouldBeFalse();
        code.ShouldBeNull();
        error.ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData("http://elysium.example.com")]
    [InlineData("https://elysium.example.com/path")]
    [InlineData("https://elysium.example.com/?query")]
    [InlineData("https://elysium.example.com/#fragment")]
    [InlineData("https://user@elysium.example.com")]
    [InlineData("https://[fe80::1]:8080")]
    [InlineData("https://[fe80::1%25eth0]:8080")]
    [InlineData("file:///etc/passwd")]
    [InlineData("elysium.example.com")]
    [InlineData("")]
    [InlineData("\0")]
    public void A_whole_code_that_leads_to_no_backend_is_refused(string url) => Forge(Encoding.UTF8.GetBytes(url)).ShouldBeFalse();

    [Fact]
    public void Whatever_a_whole_code_carries_as_a_URL_nothing_is_thrown()
    {
        Gen.Byte.Array[0, 60].Sample(url => { _ = Forge(url); });
        Gen.Byte.Array[0, 60].Sample(host => { _ = Forge([.. "https://"u8, .. host]); });
        foreach (var length in new[] { 63, 64, 255, 256, 500, 600, 690 })
        {
            _ = Forge(Encoding.UTF8.GetBytes($"https://{new string('a', length)}"));
            _ = Forge(Encoding.UTF8.GetBytes($"https://{string.Join('.', Enumerable.Repeat("abc", length / 4))}"));
        }
    }

    [Fact]
    public void Only_the_secret_s_public_name_is_shown() => Codes.Sample(code =>
    {
        var shown = $"{code}";
        shown.ShouldContain(code.TokenPrefix);
        shown.ShouldNotContain(Base64Url.EncodeToString(code.Secret.Span)[..8]);
        shown.ShouldNotContain(code.Reveal()[5..20]);
        code.BearerToken.ShouldBe(JoinCode.SecretPrefix + Base64Url.EncodeToString(code.Secret.Span));
        code.TokenPrefix.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(code.Secret.Span))[..8]);
    });

    private static void ShouldBeRefused(string text, JoinCode code)
    {
        JoinCode.TryParse(text, out _, out var error).ShouldBeFalse(text);
        error.ShouldNotBeNullOrEmpty();
        error.ShouldNotContain(text.Length > 12 ? text[5..] : code.Reveal()[5..]);
        error.ShouldNotContain(Base64Url.EncodeToString(code.Secret.Span));
    }

    private static bool Forge(ReadOnlySpan<byte> url)
    {
        byte[] payload = [.. new byte[64], .. url];
        var text = JoinCode.Prefix + Base64Url.EncodeToString([.. payload, .. SHA256.HashData(payload)[..4]]);
        return JoinCode.TryParse(text, out _, out _);
    }
}
