using System.Net;
using System.Security.Cryptography.X509Certificates;
using Elysium.Backend.Pki;
using Elysium.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace Elysium.Backend.Tests.Hosting;

public sealed class ListenerTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    [InlineData("localhost")]
    public async Task One_listener_serves_both_families_with_a_certificate_that_names_where_it_is_reached(string host)
    {
        await using var backend = await TestBackend.StartAsync(options => options with { Listen = new IPEndPoint(IPAddress.IPv6Any, 0) });
        using var client = backend.Client();

        // The client's own check of the name counts here: a browser or curl makes the same one.
        var answer = await client.GetAsync($"https://{host}:{backend.Url.Port}/healthz");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_ipv6_url_is_in_the_certificate_as_an_address_and_in_every_join_code_with_brackets()
    {
        await using var backend = await TestBackend.StartAsync(options => options with { PublicUrl = new Uri("https://[fd12:3456:789a::1]:8080") });
        await backend.CreateNetworkAsync();

        var code = await backend.CreateCodeAsync();
        var peer = await backend.JoinAsync("alice");

        var names = backend.Services.GetRequiredService<ServerCertificate>().Context.TargetCertificate.Extensions
            .OfType<X509SubjectAlternativeNameExtension>().ShouldHaveSingleItem();
        names.EnumerateIPAddresses().ShouldBe([IPAddress.Parse("fd12:3456:789a::1"), IPAddress.Loopback, IPAddress.IPv6Loopback]);
        names.EnumerateDnsNames().ShouldBe(["localhost"]);
        code.Url.ShouldBe(new Uri("https://[fd12:3456:789a::1]:8080"));
        peer.Enrolled.Map.Backends.ShouldBe(["https://[fd12:3456:789a::1]:8080"]);
        JoinCode.TryParse(code.Reveal(), out var again, out _).ShouldBeTrue();
        again!.Url.ShouldBe(code.Url);
    }
}
