using System.Text.Json.Nodes;
using Elysium.Linux.Firewall;
using Elysium.Tests.Linux.Firewall;
using Elysium.WireGuard;

namespace Elysium.Linux.Tests.Firewall;

/// <summary>The table that we make beside the one that nft makes of a text.</summary>
public sealed class ListingTests
{
    private static readonly FirewallSpec Spec = new(
    [
        new FirewallInterface(
            "wg0",
            [IpPrefix.Parse("10.77.0.0/22"), IpPrefix.Parse("fd00:77::/64")],
            [new FirewallForward(IpPrefix.Parse("192.0.2.128/25"), Masquerade: true)]),
    ]);

    [Fact]
    public void Nft_lists_ours_as_what_it_makes_of_the_text()
    {
        using var crossroads = new Crossroads();
        crossroads.Nftables.Apply(Spec).ShouldBeTrue();
        var ours = Json(crossroads);
        crossroads.Nftables.Delete().ShouldBeTrue();
        Load(crossroads, SentByNft.Text);
        ours.ShouldBe(Json(crossroads));
        ours.Length.ShouldBeGreaterThan(4000);
    }

    [Fact]
    public void What_nft_makes_of_the_text_needs_no_change_of_ours()
    {
        using var crossroads = new Crossroads();
        Load(crossroads, SentByNft.Text);
        crossroads.Nftables.Get(Spec).ShouldBe(FirewallState.AsWanted);
        crossroads.Nftables.Apply(Spec).ShouldBeFalse();

        crossroads.Nft("delete table inet elysium");
        Load(crossroads, SentByNft.Text.Replace("10.77.0.0/22 oifname", "10.77.0.0/23 oifname", StringComparison.Ordinal));
        crossroads.Nftables.Get(Spec).ShouldBe(FirewallState.Different);
    }

    private static void Load(Crossroads crossroads, string text) => crossroads.Hub.Run(() =>
    {
        File.WriteAllText("/run/table.nft", text);
        Sandbox.Run("nft", "-f", "/run/table.nft");
    });

    // Handles count everything that was ever made.
    private static string Json(Crossroads crossroads)
    {
        var listed = JsonNode.Parse(crossroads.Nft("-j -s list table inet elysium"))!["nftables"]!.AsArray();
        foreach (var item in listed.Select(item => item!.AsObject().Single().Value!.AsObject()))
        {
            item.Remove("handle");
        }

        return listed.ToJsonString();
    }
}
