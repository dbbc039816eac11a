using Elysium.Client.Join;
using Elysium.WireGuard;

namespace Elysium.Tests.Client.Join;

public sealed class PrefixConflictTests
{
    private static readonly IpPrefix[] Prefixes = [IpPrefix.Parse("10.77.0.0/24"), IpPrefix.Parse("fd12:3456:789a::/64")];

    [Theory]
    [InlineData("10.77.0.0/24")]
    [InlineData("10.77.0.128/25")]
    [InlineData("10.77.0.9/32")]
    [InlineData("fd12:3456:789a::/64")]
    [InlineData("fd12:3456:789a::1/128")]
    public void A_route_into_the_network_by_another_link_is_in_the_way(string route) =>
        PrefixConflict.Find(Prefixes, [(IpPrefix.Parse(route), "eth0")], []).ShouldNotBeNull().ShouldEndWith($"overlaps the route {route} over eth0 of this machine");

    [Theory]
    [InlineData("0.0.0.0/0")]
    [InlineData("10.0.0.0/8")]
    [InlineData("10.77.0.0/23")]
    [InlineData("10.77.1.0/24")]
    [InlineData("::/0")]
    [InlineData("fd00::/8")]
    [InlineData("fd12:3456:789a::/63")]
    [InlineData("fd12:3456:789a:1::/64")]
    public void A_wider_route_or_one_beside_it_is_not(string route) =>
        PrefixConflict.Find(Prefixes, [(IpPrefix.Parse(route), "eth0")], []).ShouldBeNull();

    [Theory]
    [InlineData("10.0.0.0/8")]
    [InlineData("10.77.0.0/24")]
    [InlineData("10.77.0.0/30")]
    [InlineData("fd12:3456:789a::/48")]
    [InlineData("fd12:3456:789a::/64")]
    public void A_network_that_the_machine_is_in_must_share_no_address(string other) =>
        PrefixConflict.Find(Prefixes, [], [(IpPrefix.Parse(other), "home")]).ShouldNotBeNull().ShouldContain($"overlaps {other} of the network home");
}
