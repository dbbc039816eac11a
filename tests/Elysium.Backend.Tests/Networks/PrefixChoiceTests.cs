using Elysium.Backend.Hub;
using Elysium.Backend.Networks;
using Elysium.Contracts;
using Elysium.WireGuard;

namespace Elysium.Backend.Tests.Networks;

public sealed class PrefixChoiceTests
{
    [Theory]
    [InlineData("fd12:3456:789a::/64")]
    [InlineData("fd12:3456:789a::5/128")]
    [InlineData("fd12:3456:789a::/48")]
    [InlineData("fd00::/8")]
    [InlineData("10.77.0.0/25")]
    public void A_prefix_that_overlaps_a_route_of_the_machine_is_refused_and_names_it(string route)
    {
        var refusal = Make("fd12:3456:789a::/64", (route, "eth0")).Refusal.ShouldNotBeNull();

        refusal.Code.ShouldBe(ProblemCodes.PrefixOverlapsRoute);
        refusal.Detail.ShouldContain($"overlaps the route {route} over eth0");
    }

    [Fact]
    public void Default_routes_and_the_links_own_are_in_nobodys_way()
    {
        var made = Make("fd12:3456:789a::/64", ("::/0", "eth0"), ("0.0.0.0/0", "eth0"), ("fe80::/64", "eth0"), ("2001:db8::/64", "eth0")).Value;

        (made.Prefix, made.Prefix6).ShouldBe((IpPrefix.Parse("10.77.0.0/24"), IpPrefix.Parse("fd12:3456:789a::/64")));
    }

    [Fact]
    public void Without_a_free_automatic_prefix_the_search_ends_and_says_why()
    {
        var refusal = Make("auto", ("fc00::/7", "eth0")).Refusal.ShouldNotBeNull();

        refusal.Code.ShouldBe(ProblemCodes.PrefixOverlapsRoute);
        refusal.Detail.ShouldContain("name a prefix");
    }

    private static Elysium.Backend.Hosting.Outcome<(IpPrefix Prefix, IpPrefix? Prefix6)> Make(string prefix6, params (string Destination, string Link)[] routes) =>
        PrefixChoice.Read(new CreateNetworkRequest("home", "10.77.0.0/24", Prefix6: prefix6)).Value.Make(
            [],
            new HubView(new HashSet<string>(), [.. routes.Select(r => new HubRoute(IpPrefix.Parse(r.Destination), r.Link))]));
}
