using System.Security.Cryptography.X509Certificates;
using Elysium.Client.Backend;
using Elysium.Contracts;
using Microsoft.Extensions.Time.Testing;

namespace Elysium.Tests.Client.Backend;

public sealed class BackendTrustTests : IDisposable
{
    private readonly Installation _installation = new();
    private readonly FakeTimeProvider _time = new(Installation.Start);

    [Fact]
    public void The_backend_is_believed() => Judge(_installation.Server()).ShouldBeNull();

    [Fact]
    public void A_backend_whose_certificate_an_issuing_CA_signed_is_believed()
    {
        using var issuing = _installation.Issuing();
        using var server = _installation.Sign(issuing, "CN=Elysium Backend", Installation.ServerAuthentication, Installation.Start.AddDays(9), [BackendUri]);
        Judge(server, issuing).ShouldBeNull();
        Judge(server).ShouldNotBeNull("without the issuing CA there is no chain, and nobody fetches one");
    }

    [Fact]
    public void A_pin_selects_its_root_and_no_other()
    {
        using var other = new Installation();
        var bundle = new TrustBundle(Installation.TrustDomain, [other.Root.ExportCertificatePem(), _installation.Root.ExportCertificatePem()]);
        BackendTrust.TrySelect(bundle, _installation.Pin, _time, out var trust, out _).ShouldBeTrue();
        trust.Pins.ShouldBe([Convert.ToHexStringLower(_installation.Pin)]);
        trust.Judge(_installation.Server(), []).ShouldBeNull();
        trust.Judge(other.Server(), []).ShouldNotBeNull();
    }

    [Fact]
    public void A_pin_that_no_root_has_gives_no_trust_and_is_named()
    {
        using var other = new Installation();
        BackendTrust.TrySelect(_installation.Bundle, other.Pin, _time, out var trust, out var error).ShouldBeFalse();
        trust.ShouldBeNull();
        error.ShouldContain(Convert.ToHexStringLower(other.Pin));
    }

    [Theory]
    [InlineData]
    [InlineData("")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")]
    [InlineData("-----BEGIN CERTIFICATE-----")]
    public void A_bundle_without_a_readable_root_gives_no_trust(params string[] roots)
    {
        var bundle = new TrustBundle(Installation.TrustDomain, roots);
        BackendTrust.TryRead(bundle, _time, out _, out var error).ShouldBeFalse();
        error.ShouldNotBeNullOrEmpty();
        BackendTrust.TrySelect(bundle, _installation.Pin, _time, out _, out _).ShouldBeFalse();
    }

    [Fact]
    public void Another_CA_s_chain_is_refused_even_if_it_is_sent_whole_and_has_the_same_names()
    {
        using var other = new Installation();
        Judge(other.Server(), other.Root).ShouldNotBeNull().ShouldContain("does not verify");
    }

    [Fact]
    public void A_certificate_for_clients_is_refused() =>
        Judge(_installation.Server(usage: Installation.ClientAuthentication)).ShouldNotBeNull().ShouldContain(nameof(X509ChainStatusFlags.NotValidForUsage));

    [Theory]
    [InlineData]
    [InlineData("spiffe://elysium.example.com")]
    [InlineData("spiffe://elysium.example.com/")]
    [InlineData("spiffe://elysium.example.com/backend/")]
    [InlineData("spiffe://elysium.example.com/Backend")]
    [InlineData("spiffe://elysium.example.com/network/0197a000-0000-7000-8000-000000000001/peer/0197a000-0000-7000-8000-000000000002")]
    [InlineData("spiffe://other.example.com/backend")]
    [InlineData("https://elysium.example.com/backend")]
    [InlineData("spiffe://elysium.example.com/backend", "spiffe://other.example.com/backend")]
    [InlineData("spiffe://elysium.example.com/backend", "spiffe://elysium.example.com/backend")]
    public void A_leaf_of_the_root_that_names_not_the_backend_alone_is_refused(params string[] uris) =>
        Judge(_installation.Server(uris)).ShouldNotBeNull().ShouldContain("not the one of a backend");

    [Fact]
    public void A_certificate_without_alternative_names_is_refused()
    {
        using var bare = _installation.Sign(
            _installation.Root, "CN=spiffe://elysium.example.com/backend", Installation.ServerAuthentication, Installation.Start.AddDays(9), []);
        Judge(bare).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("3005860a41")]
    [InlineData("300386018000")]
    [InlineData("300386 01 ff")]
    public void Malformed_alternative_names_are_refused_and_throw_nothing(string hex)
    {
        var names = new X509Extension("2.5.29.17", Convert.FromHexString(hex.Replace(" ", "")), false);
        using var malformed = _installation.Sign(
            _installation.Root, "CN=Elysium Backend", Installation.ServerAuthentication, Installation.Start.AddDays(9), [names]);
        Judge(malformed).ShouldNotBeNull();
    }

    [Fact]
    public void A_certificate_is_believed_until_it_ends_and_not_before_it_begins()
    {
        using var server = _installation.Server(notAfter: Installation.Start.AddDays(1));
        Judge(server).ShouldBeNull();
        _time.Advance(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1));
        Judge(server).ShouldNotBeNull().ShouldContain(nameof(X509ChainStatusFlags.NotTimeValid));

        var early = new FakeTimeProvider(Installation.Start.AddHours(-2));
        BackendTrust.TryRead(_installation.Bundle, early, out var trust, out _).ShouldBeTrue();
        trust.Judge(server, []).ShouldNotBeNull();
    }

    [Fact]
    public void A_machine_s_certificate_signs_no_backend()
    {
        using var machine = _installation.Server();
        using var forged = _installation.Sign(machine, "CN=Elysium Backend", Installation.ServerAuthentication, Installation.Start.AddDays(9), [BackendUri]);
        Judge(forged, machine).ShouldNotBeNull();
    }

    [Fact]
    public void The_root_s_own_name_decides_and_not_what_the_bundle_says()
    {
        var bundle = _installation.Bundle with { TrustDomain = "other.example.com" };
        BackendTrust.TryRead(bundle, _time, out var trust, out _).ShouldBeTrue();
        trust.Judge(_installation.Server(["spiffe://other.example.com/backend"]), []).ShouldNotBeNull();
        trust.Judge(_installation.Server(), []).ShouldBeNull();
    }

    [Theory]
    [InlineData("https://elysium.example.com")]
    [InlineData("spiffe://elysium.example.com/")]
    [InlineData("spiffe://elysium.example.com", "spiffe://other.example.com")]
    public void A_root_that_names_no_trust_domain_vouches_for_nobody(params string[] uris)
    {
        using var strange = new Installation(uris);
        BackendTrust.TryRead(strange.Bundle, _time, out var trust, out _).ShouldBeTrue();
        trust.Judge(strange.Server(), []).ShouldNotBeNull().ShouldContain("names no trust domain");
    }

    [Fact]
    public void No_certificate_is_no_backend() => Trust.Judge(null, []).ShouldNotBeNull();

    public void Dispose() => _installation.Dispose();

    private static X509Extension BackendUri => Installation.Uris([SpiffeId.Backend(Installation.TrustDomain)]);

    private BackendTrust Trust => BackendTrust.TryRead(_installation.Bundle, _time, out var trust, out var error) ? trust : throw new InvalidOperationException(error);

    private string? Judge(X509Certificate2 server, params X509Certificate2[] sent) => Trust.Judge(server, [.. sent]);
}
