using System.Diagnostics;
using System.Text.RegularExpressions;
using Elysium.Linux.Firewall;
using Elysium.WireGuard;
using static Elysium.Linux.Tests.Firewall.Crossroads;

namespace Elysium.Linux.Tests.Firewall;

/// <summary>The table as a whole: set, seen, put right, replaced, deleted; and everybody else's left alone.</summary>
public sealed partial class ReplacementTests
{
    [Fact]
    public void It_is_set_once_seen_as_it_is_and_deleted()
    {
        using var crossroads = new Crossroads();
        var nftables = crossroads.Nftables;
        nftables.Get(Spec).ShouldBe(FirewallState.Absent);
        nftables.Delete().ShouldBeFalse();
        nftables.Apply(Spec).ShouldBeTrue();
        nftables.Get(Spec).ShouldBe(FirewallState.AsWanted);
        nftables.Apply(Spec).ShouldBeFalse();
        nftables.Get(WithWayOut(true)).ShouldBe(FirewallState.Different);
        nftables.Apply(WithWayOut(true)).ShouldBeTrue();
        nftables.Get(Spec).ShouldBe(FirewallState.Different);
        using (var another = crossroads.Hub.Run(Nftables.Open))
        {
            another.Get(WithWayOut(true)).ShouldBe(FirewallState.AsWanted, "nothing of it is in the memory of who set it");
            another.Get(WithWayOut(false)).ShouldBe(FirewallState.Different);
        }

        nftables.Delete().ShouldBeTrue();
        nftables.Get(WithWayOut(true)).ShouldBe(FirewallState.Absent);
        crossroads.Nft("list ruleset").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("delete table inet elysium")]
    [InlineData("flush table inet elysium")]
    [InlineData("flush chain inet elysium from-wg0")]
    [InlineData("delete rule inet elysium from-wg1 handle LAST")]
    [InlineData("insert rule inet elysium forward accept")]
    [InlineData("add rule inet elysium into-wg0 accept")]
    [InlineData("replace rule inet elysium from-wg1 handle LAST counter accept")]
    [InlineData("chain inet elysium forward { policy drop; }")]
    [InlineData("add chain inet elysium another")]
    [InlineData("add set inet elysium addresses { type ipv4_addr; }")]
    [InlineData("add table inet elysium { flags dormant; }")]
    public void What_somebody_changes_in_it_is_seen_and_put_right(string change)
    {
        using var crossroads = new Crossroads();
        crossroads.Nftables.Apply(Spec);
        var wanted = crossroads.List();
        var last = Handle().Matches(crossroads.Nft("-a list chain inet elysium from-wg1"))[^1].Groups[1].Value;

        crossroads.Nft(change.Replace("LAST", last, StringComparison.Ordinal));

        crossroads.Nftables.Get(Spec).ShouldBe(change.StartsWith("delete table", StringComparison.Ordinal) ? FirewallState.Absent : FirewallState.Different);
        crossroads.Nftables.Apply(Spec).ShouldBeTrue();
        crossroads.List().ShouldBe(wanted);
        crossroads.Nftables.Apply(Spec).ShouldBeFalse();
    }

    [Fact]
    public void Packets_meet_the_old_rules_or_the_new_and_never_none()
    {
        // As many, and for as long as some hundred pings take.
        const int Replacements = 200;
        var enough = TimeSpan.FromSeconds(1);
        using var crossroads = new Crossroads();
        crossroads.Nftables.Apply(Spec);
        Wait.Until(() => Answers(crossroads.First, "10.77.0.3"), "members reach each other");
        using var allowed = Start(crossroads.First, "10.77.0.3");
        using var forbidden = Start(crossroads.First, "10.78.0.2");
        var specs = new[] { WithWayOut(true), WithWayOut(false) };
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < Replacements || watch.Elapsed < enough; i++)
        {
            crossroads.Nftables.Apply(specs[i % 2]).ShouldBeTrue();
        }

        var (sent, received) = Stop(allowed);
        sent.ShouldBeGreaterThan(20);
        received.ShouldBeGreaterThanOrEqualTo(sent - 1, "the last may still be on its way");
        (sent, received) = Stop(forbidden);
        sent.ShouldBeGreaterThan(20);
        received.ShouldBe(0);

        static Process Start(NamespaceThread from, string address) => from.Run(() => Process.Start(
            new ProcessStartInfo("ping", ["-n", "-q", "-i", "0.002", address]) { RedirectStandardOutput = true })!);

        static (int Sent, int Received) Stop(Process ping)
        {
            Sandbox.Run("kill", "-INT", ping.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
            var counts = Summary().Match(ping.StandardOutput.ReadToEnd());
            ping.WaitForExit();
            return (int.Parse(counts.Groups[1].Value), int.Parse(counts.Groups[2].Value));
        }
    }

    [Fact]
    public void The_tables_of_others_stay_to_the_byte()
    {
        using var crossroads = new Crossroads();
        crossroads.Hub.Run(() => File.WriteAllText("/run/foreign.nft", """
            table ip filter {
              chain DOCKER-USER {
                counter return
              }
              chain FORWARD {
                type filter hook forward priority filter; policy drop;
                counter jump DOCKER-USER
                iifname "wg0" accept
              }
            }
            table bridge filter {
              chain forward {
                type filter hook forward priority filter; policy drop;
              }
            }
            table ip6 elysium {
              comment "made by Elysium, which puts back what is changed in it"
              chain forward {
                type filter hook forward priority filter;
              }
            }
            table inet other {
              comment "made by Elysium, which puts back what is changed in it"
              set blocked {
                type ipv4_addr; flags interval; elements = { 198.51.100.0/24 }
              }
              counter seen {
                packets 0 bytes 0
              }
              chain early {
                type filter hook prerouting priority raw;
                ip saddr @blocked counter drop comment "theirs"
              }
            }
            """));
        crossroads.Nft("-f /run/foreign.nft");
        var before = crossroads.Nft("-a -s list ruleset");
        before.Length.ShouldBeGreaterThan(500);

        crossroads.Nftables.Apply(Spec);
        crossroads.Nftables.Apply(WithWayOut(true));
        crossroads.Nftables.Apply(Spec);
        crossroads.Nftables.GetForwardDrops().ShouldBe(["ip filter FORWARD"]);
        crossroads.Nft("-a -s list ruleset").ShouldStartWith(before.TrimEnd('\n'));
        crossroads.Nftables.Delete().ShouldBeTrue();

        crossroads.Nft("-a -s list ruleset").ShouldBe(before);
    }

    [Fact]
    public void A_table_of_our_name_that_somebody_else_made_is_left_alone()
    {
        using var crossroads = new Crossroads();
        crossroads.Nft("add table inet elysium");
        crossroads.Nft("add chain inet elysium mine");
        var before = crossroads.Nft("-a list ruleset");

        crossroads.Nftables.Get(Spec).ShouldBe(FirewallState.Foreign);
        foreach (var attempt in new Action[] { () => crossroads.Nftables.Apply(Spec), () => crossroads.Nftables.Delete() })
        {
            var exception = Should.Throw<FirewallException>(attempt);
            exception.Failure.ShouldBe(FirewallFailure.ForeignTable);
            exception.Message.ShouldContain("nft delete table inet elysium");
        }

        crossroads.Nft("-a list ruleset").ShouldBe(before);
        crossroads.Nftables.Apply(Spec with { Table = "elysium-2" }).ShouldBeTrue("under another name it can be");
    }

    [Fact]
    public void Somebody_who_changes_other_rules_all_the_time_does_not_stop_us()
    {
        using var crossroads = new Crossroads();
        using var other = crossroads.Hub.Run(() => Process.Start(new ProcessStartInfo(
            "sh", ["-c", "while :; do nft add table inet busy; nft delete table inet busy; done"]))!);
        try
        {
            for (var i = 0; i < 50; i++)
            {
                crossroads.Nftables.Apply(WithWayOut(i % 2 == 0)).ShouldBeTrue();
            }
        }
        finally
        {
            other.Kill(entireProcessTree: true);
            other.WaitForExit();
        }
    }

    [Fact]
    public void Hundreds_of_networks_go_in_at_once()
    {
        using var crossroads = new Crossroads();
        var many = new FirewallSpec([.. Enumerable.Range(0, 300).Select(i => new FirewallInterface(
            $"wg{i}",
            [IpPrefix.Parse($"10.{i / 250}.{i % 250}.0/24"), IpPrefix.Parse($"fd00:{i:x}::/64")]))]);
        crossroads.Nftables.Apply(many).ShouldBeTrue();
        crossroads.Nftables.Get(many).ShouldBe(FirewallState.AsWanted);
        crossroads.Nftables.Apply(many).ShouldBeFalse();
        crossroads.Nftables.Apply(many with { Interfaces = [.. many.Interfaces.SkipLast(1)] }).ShouldBeTrue();
    }

    [Fact]
    public void Names_that_cannot_be_are_refused_before_anything_is_asked()
    {
        using var crossroads = new Crossroads();
        Should.Throw<ArgumentException>(() => crossroads.Nftables.Apply(Spec with { Table = "a b" }));
        Should.Throw<ArgumentException>(() => crossroads.Nftables.Apply(Spec with { Table = "" }));
        Should.Throw<ArgumentException>(() => crossroads.Nftables.Delete("../x"));
        Should.Throw<ArgumentException>(() => crossroads.Nftables.Apply(new FirewallSpec([Wg0 with { Name = "a-name-of-16-char" }])));
        Should.Throw<ArgumentException>(() => crossroads.Nftables.Apply(new FirewallSpec([Wg0, Wg0])));
    }

    [Fact]
    public void Whoever_may_not_is_told_what_to_do_and_changes_nothing()
    {
        using var crossroads = new Crossroads();
        crossroads.Nftables.Apply(Spec);
        var before = crossroads.Nft("-a list ruleset");
        var failures = crossroads.Hub.Run(() => Capabilities.WithoutNetAdmin(() =>
        {
            using var nftables = Nftables.Open();
            return new[] { Should.Throw<FirewallException>(() => nftables.Apply(WithWayOut(true))), Should.Throw<FirewallException>(() => nftables.Delete()) };
        }));
        failures.ShouldAllBe(exception => exception.Failure == FirewallFailure.NotPermitted && exception.Message.Contains("CAP_NET_ADMIN"));
        crossroads.Nft("-a list ruleset").ShouldBe(before);
    }

    [GeneratedRegex(@"# handle (\d+)")]
    private static partial Regex Handle();

    [GeneratedRegex(@"(\d+) packets transmitted, (\d+) received")]
    private static partial Regex Summary();
}
