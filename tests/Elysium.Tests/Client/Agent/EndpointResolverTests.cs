using System.Net;
using Elysium.Client.Agent;
using Microsoft.Extensions.Time.Testing;

namespace Elysium.Tests.Client.Agent;

public sealed class EndpointResolverTests
{
    private readonly StringWriter _log = new();
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData("192.0.2.1:51820", "192.0.2.1:51820")]
    [InlineData("[2001:db8::1]:51820", "[2001:db8::1]:51820")]
    public async Task An_address_is_itself(string endpoint, string address) =>
        (await Resolver().ResolveAsync(endpoint, CancellationToken.None)).ShouldBe([IPEndPoint.Parse(address)]);

    [Fact]
    public async Task A_name_is_all_of_its_addresses_of_either_family()
    {
        var addresses = await Resolver().ResolveAsync("localhost:51820", CancellationToken.None);

        addresses.ShouldBe((await Dns.GetHostAddressesAsync("localhost")).Distinct().Select(a => new IPEndPoint(a, 51820)));
        addresses.ShouldNotBeEmpty();
        addresses.ShouldAllBe(a => IPAddress.IsLoopback(a.Address));
    }

    [Theory]
    [InlineData("[fe80::1]:51820", "link-local")]
    [InlineData("[fe80::1%eth0]:51820", "zone")]
    [InlineData("[fe80::1%2]:51820", "zone")]
    [InlineData("[2001:db8::1%2]:51820", "zone")]
    [InlineData("2001:db8::1:51820", "[address]:port")]
    [InlineData("192.0.2.1", "[address]:port")]
    public async Task What_means_nothing_on_this_machine_is_refused_and_said_once_a_minute(string endpoint, string why)
    {
        var resolver = Resolver();

        (await resolver.ResolveAsync(endpoint, CancellationToken.None)).ShouldBeEmpty();
        _time.Advance(TimeSpan.FromSeconds(5));
        (await resolver.ResolveAsync(endpoint, CancellationToken.None)).ShouldBeEmpty();

        _log.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem().ShouldContain(why);
        _time.Advance(TimeSpan.FromMinutes(1));
        await resolver.ResolveAsync(endpoint, CancellationToken.None);
        _log.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(2);
    }

    private EndpointResolver Resolver() => new(_time, new AgentLog(_log, _time, verbose: false));
}
