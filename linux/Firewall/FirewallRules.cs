using Elysium.Linux.Netlink;

namespace Elysium.Linux.Firewall;

/// <summary>
/// The table that a <see cref="FirewallSpec"/> asks for, message by message: the table, its chains, its rules. Every base chain lets pass
/// what no rule of ours judges, and each rule begins with an interface or a prefix of ours.
/// </summary>
internal static class FirewallRules
{
    /// <summary>What says that a table is ours: its comment, which <c>nft list</c> shows.</summary>
    public const string Mark = "made by Elysium, which puts back what is changed in it";

    private const int MessageBuffer = 4096;
    private const byte IcmpRedirect = 5;
    private const byte IcmpV6Redirect = 137;

    public static FirewallTable Of(FirewallSpec spec)
    {
        var table = new Builder(spec.Table);
        table.Base("forward", "filter", Nft.NF_INET_FORWARD, Nft.NF_IP_PRI_FILTER);
        table.Base("input", "filter", Nft.NF_INET_LOCAL_IN, Nft.NF_IP_PRI_FILTER);
        table.Base("output", "filter", Nft.NF_INET_LOCAL_OUT, Nft.NF_IP_PRI_FILTER);
        foreach (var own in spec.Interfaces)
        {
            Into(table, own);
            From(table, own);
            Here(table, own, spec);
            Redirects(table, own);
        }

        // First who may go in anywhere, so that no way out of one network leads into another.
        foreach (var own in spec.Interfaces)
        {
            table.Rule("forward", "", NftExpressions.Oif(own.Name), NftExpressions.Jump(IntoChain(own)));
        }

        foreach (var own in spec.Interfaces)
        {
            table.Rule("forward", "", NftExpressions.Iif(own.Name), NftExpressions.Jump(FromChain(own)));
            table.Rule("input", "", NftExpressions.Iif(own.Name), NftExpressions.Jump(HereChain(own)));
        }

        Masquerade(table, spec);
        return table.Finish();
    }

    private static string IntoChain(FirewallInterface own) => $"into-{own.Name}";

    private static string FromChain(FirewallInterface own) => $"from-{own.Name}";

    private static string HereChain(FirewallInterface own) => $"here-{own.Name}";

    private static IReadOnlyList<FirewallForward> ForwardsOf(FirewallInterface own) => own.Forwards ?? [];

    private static void Into(Builder table, FirewallInterface own)
    {
        var chain = IntoChain(own);
        table.Chain(chain);
        table.Rule(chain, "among themselves: judged by where they come from", NftExpressions.Iif(own.Name), NftExpressions.Return());

        // The connections are tracked only where there are replies: a hub without ways out tracks none.
        if (ForwardsOf(own).Count > 0)
        {
            table.Rule(chain, "", NftExpressions.ClampSegmentSize());
            foreach (var prefix in own.Prefixes.Where(prefix => ForwardsOf(own).Any(forward => forward.To.IsIPv6 == prefix.IsIPv6)))
            {
                table.Rule(chain, "replies", NftExpressions.FamilyOf(prefix), NftExpressions.OfConnectionFrom(prefix), NftExpressions.Counter(), NftExpressions.Accept());
            }
        }

        table.Rule(chain, "nobody else comes in", NftExpressions.Counter(), NftExpressions.Drop());
    }

    private static void From(Builder table, FirewallInterface own)
    {
        var chain = FromChain(own);
        table.Chain(chain);
        table.Rule(chain, "", NftExpressions.ClampSegmentSize());
        foreach (var prefix in own.Prefixes)
        {
            table.Rule(
                chain,
                "among themselves",
                NftExpressions.FamilyOf(prefix),
                NftExpressions.Source(prefix),
                NftExpressions.Oif(own.Name),
                NftExpressions.Counter(),
                NftExpressions.Accept());
            foreach (var forward in ForwardsOf(own).Where(forward => forward.To.IsIPv6 == prefix.IsIPv6))
            {
                table.Rule(
                    chain,
                    "a way out",
                    NftExpressions.FamilyOf(prefix),
                    NftExpressions.Source(prefix),
                    NftExpressions.Destination(forward.To),
                    NftExpressions.Counter(),
                    NftExpressions.Accept());
            }
        }

        table.Rule(chain, "nowhere else", NftExpressions.Counter(), NftExpressions.Drop());
    }

    // Linux takes a packet for any address of the machine by any interface: without this, a member would reach the addresses that the
    // machine has in other networks, ours and its owner's, and what listens there.
    private static void Here(Builder table, FirewallInterface own, FirewallSpec spec)
    {
        var chain = HereChain(own);
        table.Chain(chain);
        foreach (var prefix in own.Prefixes)
        {
            table.Rule(chain, "", NftExpressions.FamilyOf(prefix), NftExpressions.Destination(prefix), NftExpressions.Accept());
        }

        if (ForwardsOf(own).Count > 0)
        {
            foreach (var prefix in spec.Interfaces.Where(other => other != own).SelectMany(other => other.Prefixes))
            {
                table.Rule(chain, "not in its network", NftExpressions.FamilyOf(prefix), NftExpressions.Destination(prefix), NftExpressions.Counter(), NftExpressions.Drop());
            }

            foreach (var forward in ForwardsOf(own))
            {
                table.Rule(chain, "a way out", NftExpressions.FamilyOf(forward.To), NftExpressions.Destination(forward.To), NftExpressions.Accept());
            }
        }

        table.Rule(chain, "not in its network", NftExpressions.Counter(), NftExpressions.Drop());
    }

    // Two members that are on one interface here are not on one wire: there is no shorter way between them to tell of.
    private static void Redirects(Builder table, FirewallInterface own)
    {
        table.Rule("output", "", NftExpressions.Oif(own.Name), NftExpressions.Icmp(IcmpRedirect), NftExpressions.Counter(), NftExpressions.Drop());
        table.Rule("output", "", NftExpressions.Oif(own.Name), NftExpressions.IcmpV6(IcmpV6Redirect), NftExpressions.Counter(), NftExpressions.Drop());
    }

    // By prefixes: the interface a packet came in by is told to this hook only since Linux 5.7.
    private static void Masquerade(Builder table, FirewallSpec spec)
    {
        var chosen =
            from own in spec.Interfaces
            from prefix in own.Prefixes
            from forward in ForwardsOf(own)
            where forward.Masquerade && forward.To.IsIPv6 == prefix.IsIPv6
            select (own, prefix, forward);
        var made = false;
        foreach (var (own, prefix, forward) in chosen)
        {
            if (!made)
            {
                table.Base("postrouting", "nat", Nft.NF_INET_POST_ROUTING, Nft.NF_IP_PRI_NAT_SRC);
                made = true;
            }

            table.Rule(
                "postrouting",
                "",
                NftExpressions.FamilyOf(prefix),
                NftExpressions.Source(prefix),
                NftExpressions.Destination(forward.To),
                NftExpressions.OifIsNot(own.Name),
                NftExpressions.Masquerade());
        }
    }

    /// <summary>Rules are told in the order of the chains, which is the order in which the kernel lists them.</summary>
    private sealed class Builder(string table)
    {
        private readonly byte[] _buffer = new byte[MessageBuffer];
        private readonly List<(string Name, byte[] Message)> _chains = [];
        private readonly Dictionary<string, List<byte[]>> _rules = [];

        public void Base(string chain, string type, uint hook, int priority) =>
            Add(chain, NftMessages.AddChain(_buffer, table, chain, type, hook, priority).ToArray());

        public void Chain(string chain) => Add(chain, NftMessages.AddChain(_buffer, table, chain).ToArray());

        public void Rule(string chain, string comment, params IReadOnlyList<NftExpression> expressions) =>
            _rules[chain].Add(NftMessages.AddRule(_buffer, table, chain, comment, expressions).ToArray());

        public FirewallTable Finish() => new(
            NftMessages.AddTable(_buffer, table, Mark).ToArray(),
            [.. _chains.Select(chain => chain.Message)],
            [.. _chains.SelectMany(chain => _rules[chain.Name])]);

        private void Add(string chain, byte[] message)
        {
            _chains.Add((chain, message));
            _rules[chain] = [];
        }
    }
}

/// <summary>A table as the messages that make it, each without a number.</summary>
internal sealed record FirewallTable(byte[] Table, IReadOnlyList<byte[]> Chains, IReadOnlyList<byte[]> Rules);
