using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Elysium.Backend.Pki;
using Elysium.Contracts;

namespace Elysium.Backend.Tests.Pki;

public sealed class ProfileTests
{
    private const string Domain = "test.elysium";
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Each_certificate_says_what_it_is_for_and_nothing_more()
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var root = CertificateProfiles.Root(Domain, rootKey, Now);
        using var issuingKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issuingOnly = CertificateProfiles.Issuing(Domain, issuingKey, root, Now);
        using var issuing = issuingOnly.CopyWithPrivateKey(issuingKey);
        using var leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var network = Guid.CreateVersion7(Now);
        var peer = Guid.CreateVersion7(Now);
        using var client = CertificateProfiles.Client(Domain, network, peer, new PublicKey(leafKey), issuing, Now, TimeSpan.FromDays(7));
        using var server = CertificateProfiles.Server(Domain, leafKey, issuing, ["vpn.example.org", "192.0.2.1"], Now);

        root.Extensions.OfType<X509BasicConstraintsExtension>().Single().ShouldSatisfyAllConditions(
            c => c.CertificateAuthority.ShouldBeTrue(), c => c.PathLengthConstraint.ShouldBe(1), c => c.Critical.ShouldBeTrue());
        issuing.Extensions.OfType<X509BasicConstraintsExtension>().Single().PathLengthConstraint.ShouldBe(0);
        Certificates.UriOf(root).ShouldBe("spiffe://test.elysium");
        Certificates.UriOf(issuing).ShouldBe("spiffe://test.elysium");
        Certificates.UriOf(server).ShouldBe("spiffe://test.elysium/backend");
        Certificates.UriOf(client).ShouldBe(SpiffeId.Peer(Domain, network, peer));
        Usages(client).ShouldBe(["1.3.6.1.5.5.7.3.2"]);
        Usages(server).ShouldBe(["1.3.6.1.5.5.7.3.1"]);
        server.MatchesHostname("vpn.example.org").ShouldBeTrue();
        server.MatchesHostname("192.0.2.1").ShouldBeTrue();
        foreach (var leaf in new[] { client, server })
        {
            leaf.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority.ShouldBeFalse();
            leaf.Extensions.OfType<X509KeyUsageExtension>().Single().KeyUsages.ShouldBe(X509KeyUsageFlags.DigitalSignature);
            leaf.SerialNumberBytes.Length.ShouldBe(16);
        }
    }

    [Fact]
    public void No_certificate_outlives_the_CA_that_signed_it()
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var root = CertificateProfiles.Root(Domain, rootKey, Now);
        using var issuingKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issuingOnly = CertificateProfiles.Issuing(Domain, issuingKey, root, Now);
        using var issuing = issuingOnly.CopyWithPrivateKey(issuingKey);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var late = Now + CertificateProfiles.IssuingLifetime - TimeSpan.FromDays(1);

        using var client = CertificateProfiles.Client(Domain, Guid.Empty, Guid.Empty, new PublicKey(key), issuing, late, TimeSpan.FromDays(7));

        client.NotAfter.ShouldBe(issuing.NotAfter);
    }

    private static IEnumerable<string> Usages(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Cast<Oid>().Select(o => o.Value!);
}
