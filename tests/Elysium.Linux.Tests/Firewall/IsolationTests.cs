using Elysium.Linux.Firewall;
using static Elysium.Linux.Tests.Firewall.Crossroads;

namespace Elysium.Linux.Tests.Firewall;

/// <summary>Who reaches whom by a machine that relays and would, without the rules, relay everything.</summary>
public sealed class IsolationTests
{
    [Theory]
    [InlineData("10.77.0", "10.78.0", "192.0.2")]
    [InlineData("fd00:77:", "fd00:78:", "fd00:2:")]
    public void Members_reach_each_other_and_their_hub_and_nothing_else(string own, string other, string outside)
    {
        using var crossroads = new Crossroads();
        var (first, second, neighbour) = (crossroads.First, crossroads.Second, crossroads.Neighbour);
        var dot = own.EndsWith(':') ? ":" : ".";
        (NamespaceThread From, string To)[] allowed =
        [
            (first, $"{own}{dot}3"), (second, $"{own}{dot}2"), (first, $"{own}{dot}1"),
            (crossroads.Hub, $"{own}{dot}2"), (crossroads.Hub, $"{other}{dot}2"), (crossroads.Other, $"{other}{dot}1"),
            (neighbour, $"{outside}{dot}1"), (crossroads.Hub, $"{outside}{dot}2"),
        ];
        (NamespaceThread From, string To)[] forbidden =
        [
            (first, $"{other}{dot}2"), (crossroads.Other, $"{own}{dot}2"),
            (first, $"{outside}{dot}2"), (neighbour, $"{own}{dot}2"),
            (first, $"{other}{dot}1"), (first, $"{outside}{dot}1"),
        ];

        foreach (var (from, to) in allowed.Concat(forbidden))
        {
            Wait.Until(() => Answers(from, to), $"without rules everybody reaches {to}");
        }

        crossroads.Nftables.Apply(Spec).ShouldBeTrue();

        foreach (var (from, to) in allowed)
        {
            Answers(from, to).ShouldBeTrue($"{to} is to be reached");
        }

        foreach (var (from, to) in forbidden)
        {
            Answers(from, to).ShouldBeFalse($"{to} is not to be reached");
        }

        crossroads.Nftables.Delete().ShouldBeTrue();
        foreach (var (from, to) in forbidden)
        {
            Answers(from, to).ShouldBeTrue($"once the rules are gone {to} is reached again, so it was them");
        }
    }

    [Fact]
    public void A_source_that_is_not_of_the_network_goes_nowhere()
    {
        using var crossroads = new Crossroads();
        Shell(crossroads.First, "ip address add 198.51.100.7/32 dev eth0");
        Shell(crossroads.Hub, "ip route add 198.51.100.7 via 10.77.0.2");
        bool Spoofs() => crossroads.First.Run(() => Sandbox.TryRun("ping", "-n", "-c", "1", "-W", "0.4", "-I", "198.51.100.7", "10.77.0.3").ExitCode == 0);
        Wait.Until(Spoofs, "without rules any source is relayed");
        crossroads.Nftables.Apply(Spec);
        Spoofs().ShouldBeFalse();
        Answers(crossroads.First, "10.77.0.3").ShouldBeTrue();
    }

    [Fact]
    public void A_name_that_only_begins_like_ours_is_not_judged()
    {
        using var crossroads = new Crossroads();
        crossroads.Nftables.Apply(new FirewallSpec([Wg0 with { Name = "wg" }, Wg1 with { Name = "la" }]));
        Wait.Until(() => Answers(crossroads.First, "192.0.2.2"), "wg0 is not wg");
    }

    [Theory]
    [InlineData("4", "10.77.0.3", "/proc/thread-self/net/snmp", "IcmpMsg: ")]
    [InlineData("6", "fd00:77::3", "/proc/thread-self/net/snmp6", "Icmp6InRedirects")]
    public void Members_are_not_told_of_shorter_ways(string family, string address, string statistics, string line)
    {
        using var crossroads = new Crossroads();

        // The hub need not be asked to be quiet: these parameters ask it to speak, for all interfaces too.
        Shell(crossroads.Hub, "sysctl -qw net.ipv4.conf.all.send_redirects=1 net.ipv4.conf.wg0.send_redirects=1");
        Wait.Until(
            () =>
            {
                Ping();
                return Redirects() > 0;
            },
            $"a hub without rules sends redirects of IPv{family}");

        crossroads.Nftables.Apply(Spec);
        var before = Redirects();
        Wait.Until(
            () =>
            {
                Ping();
                return Counted() > 0;
            },
            "the hub wanted to send one");
        Redirects().ShouldBe(before);

        void Ping() => crossroads.First.Run(() => Sandbox.Run("ping", "-n", "-c", "3", "-i", "0.01", "-w", "5", address));

        int Redirects() => crossroads.First.Run(() => Count(File.ReadAllLines(statistics)));

        int Count(string[] lines)
        {
            if (family == "6")
            {
                return int.Parse(lines.Single(l => l.StartsWith(line, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
            }

            // Two lines: what is counted, and how many; a type that never came is not among them.
            var counted = lines.Where(l => l.StartsWith(line, StringComparison.Ordinal)).Select(l => l.Split(' ')).ToList();
            var at = Array.IndexOf(counted[0], "InType5");
            return at < 0 ? 0 : int.Parse(counted[1][at]);
        }

        int Counted() => crossroads.Nft("list chain inet elysium output").Split('\n')
            .Where(l => l.Contains("\"wg0\"", StringComparison.Ordinal) && l.Contains(family == "6" ? "icmpv6" : "icmp type", StringComparison.Ordinal))
            .Sum(l => int.Parse(l.Split("packets ")[1].Split(' ')[0]));
    }
}
