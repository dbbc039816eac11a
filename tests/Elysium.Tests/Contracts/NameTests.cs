using CsCheck;
using Elysium.Contracts;

namespace Elysium.Tests.Contracts;

public sealed class NameTests
{
    private const string Longest = "a23456789-123456789-123456789-123456789-123456789-123456789-123";

    private static readonly Guid Network = new("0197a000-0000-7000-8000-000000000001");
    private static readonly Guid Peer = new("0197a000-0000-7000-8000-000000000002");

    [Theory]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("web-1")]
    [InlineData("a--b")]
    [InlineData(Longest)]
    public void A_label_is_one(string text) => DnsLabel.IsValid(text).ShouldBeTrue();

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("Web")]
    [InlineData("a.b")]
    [InlineData("a_b")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("a\0")]
    [InlineData("../a")]
    [InlineData("é")]
    [InlineData("a\u0661")]
    [InlineData(Longest + "4")]
    public void What_is_no_label_is_refused(string text) => DnsLabel.IsValid(text).ShouldBeFalse();

    [Fact]
    public void An_identity_is_read_back_in_its_own_trust_domain_alone() => Gen.Select(Gen.Guid, Gen.Guid).Sample((network, peer) =>
    {
        var uri = SpiffeId.Peer("a.example", network, peer);
        SpiffeId.TryParsePeer(uri, "a.example", out var n, out var p).ShouldBeTrue();
        (n, p).ShouldBe((network, peer));
        SpiffeId.TryParsePeer(uri, "b.example", out _, out _).ShouldBeFalse();
        SpiffeId.TryParsePeer(uri, "a.example.evil", out _, out _).ShouldBeFalse();
        SpiffeId.TryParsePeer(uri, "", out _, out _).ShouldBeFalse();
    });

    [Fact]
    public void Every_other_spelling_of_an_identity_is_refused()
    {
        var uri = SpiffeId.Peer("a.example", Network, Peer);
        string?[] strange =
        [
            null, "", " " + uri, uri + " ", uri + "/", uri + "/more", uri + "?x", uri + "#x", uri.ToUpperInvariant(), uri.Replace("0197a", "0197A"),
            uri.Replace("spiffe:", "SPIFFE:"), uri.Replace("/peer/", "//peer/"), uri.Replace("/peer/", "/../peer/"), uri.Replace("a.example", "a.example:443"),
            uri.Replace("a.example", "user@a.example"), uri.Replace(Peer.ToString("D"), Peer.ToString("N")), uri.Replace(Peer.ToString("D"), Peer.ToString("B")),
            uri.Replace("/network/", "/network/%2e/"), SpiffeId.Backend("a.example"), SpiffeId.TrustDomain("a.example"),
        ];
        foreach (var text in strange)
        {
            SpiffeId.TryParsePeer(text, "a.example", out _, out _).ShouldBeFalse(text);
        }
    }

    [Theory]
    [InlineData("spiffe://a.example", "a.example")]
    [InlineData("spiffe://0197a000-0000-7000-8000-000000000001", "0197a000-0000-7000-8000-000000000001")]
    [InlineData("spiffe://a_b", "a_b")]
    [InlineData("spiffe://", null)]
    [InlineData("spiffe://a.example/", null)]
    [InlineData("spiffe://a.example/backend", null)]
    [InlineData("spiffe://A.example", null)]
    [InlineData("spiffe://a.example:443", null)]
    [InlineData("spiffe://user@a.example", null)]
    [InlineData("SPIFFE://a.example", null)]
    [InlineData("https://a.example", null)]
    [InlineData("spiffe://a.example\n", null)]
    [InlineData("spiffe://é", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_trust_domain_is_read_back_exactly(string? uri, string? expected)
    {
        SpiffeId.TryParseTrustDomain(uri, out var trustDomain).ShouldBe(expected is not null);
        trustDomain.ShouldBe(expected);
    }
}
