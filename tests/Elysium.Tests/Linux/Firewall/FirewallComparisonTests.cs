using System.Buffers.Binary;
using Elysium.Linux.Firewall;
using Elysium.Linux.Netlink;
using Elysium.WireGuard;

namespace Elysium.Tests.Linux.Firewall;

/// <summary>Ours against answers of the kernel, which are here what we would send and what the kernel adds to it.</summary>
public sealed class FirewallComparisonTests
{
    private static readonly FirewallTable Wanted = FirewallRules.Of(new FirewallSpec(
        [new FirewallInterface("wg0", [IpPrefix.Parse("10.77.0.0/24")], [new FirewallForward(IpPrefix.Parse("192.0.2.0/25"), Masquerade: true)])]));

    [Fact]
    public void What_the_kernel_adds_makes_no_difference()
    {
        var table = Answer(Wanted.Table, Attribute(Nft.NFTA_TABLE_USE, Wanted.Chains.Count), Attribute(99, 7));
        FirewallComparison.IsAsWanted(Wanted, table, Answers(Wanted.Chains), Answers(Wanted.Rules)).ShouldBeTrue();
    }

    [Fact]
    public void Anything_more_or_less_or_in_another_order_is_a_difference()
    {
        var table = Answer(Wanted.Table, Attribute(Nft.NFTA_TABLE_USE, Wanted.Chains.Count));
        var (chains, rules) = (Answers(Wanted.Chains), Answers(Wanted.Rules));
        FirewallComparison.IsAsWanted(Wanted, table, chains[..^1], rules).ShouldBeFalse();
        FirewallComparison.IsAsWanted(Wanted, table, [.. chains, chains[0]], rules).ShouldBeFalse();
        FirewallComparison.IsAsWanted(Wanted, table, chains, rules[1..]).ShouldBeFalse();
        FirewallComparison.IsAsWanted(Wanted, table, chains, [.. rules, rules[0]]).ShouldBeFalse();
        FirewallComparison.IsAsWanted(Wanted, table, chains, [rules[1], rules[0], .. rules[2..]]).ShouldBeFalse();
        FirewallComparison.IsAsWanted(Wanted, Answer(Wanted.Table), chains, rules).ShouldBeFalse("it does not say how much it uses");
        var larger = Answer(Wanted.Table, Attribute(Nft.NFTA_TABLE_USE, Wanted.Chains.Count + 1));
        FirewallComparison.IsAsWanted(Wanted, larger, chains, rules).ShouldBeFalse("it has a set besides");
    }

    [Fact]
    public void A_rule_with_one_expression_more_less_or_other_is_a_difference()
    {
        var buffer = new byte[4096];
        NftExpression[] few = [NftExpressions.Iif("wg1"), NftExpressions.Drop()];
        var wanted = Wanted with { Rules = [Rule(few)] };
        var table = Answer(Wanted.Table, Attribute(Nft.NFTA_TABLE_USE, Wanted.Chains.Count));
        Is([.. few]).ShouldBeTrue();
        Is([few[0], NftExpressions.Counter(), few[1]]).ShouldBeFalse();
        Is([few[1]]).ShouldBeFalse();
        Is([few[0], NftExpressions.Accept()]).ShouldBeFalse();
        Is([NftExpressions.Iif("wg10"), few[1]]).ShouldBeFalse();
        Is([NftExpressions.Oif("wg1"), few[1]]).ShouldBeFalse();
        Is([few[0], NftExpressions.Jump("x")]).ShouldBeFalse();

        bool Is(NftExpression[] expressions) =>
            FirewallComparison.IsAsWanted(wanted, table, Answers(wanted.Chains), Answers([Rule(expressions)]));

        byte[] Rule(NftExpression[] expressions) => NftMessages.AddRule(buffer, "elysium", "forward", "", expressions).ToArray();
    }

    [Fact]
    public void A_flipped_bit_or_a_cut_never_does_more_than_say_so()
    {
        var table = Answer(Wanted.Table, Attribute(Nft.NFTA_TABLE_USE, Wanted.Chains.Count));
        var (chains, rules) = (Answers(Wanted.Chains), Answers(Wanted.Rules));
        var (different, malformed) = (0, 0);
        foreach (var list in new[] { chains, rules })
        {
            for (var i = 0; i < list.Count; i++)
            {
                var whole = list[i];
                for (var at = 0; at < whole.Length; at++)
                {
                    list[i] = whole[..at];
                    if (Compare() == true)
                    {
                        at.ShouldBeGreaterThan(whole.Length - 12, "only what the kernel adds, or padding, may be missing");
                    }

                    list[i] = [.. whole];
                    list[i][at] ^= (byte)(1 << (at % 8));
                    Compare();
                }

                list[i] = whole;
            }
        }

        Compare().ShouldBe(true);
        different.ShouldBeGreaterThan(100);
        malformed.ShouldBeGreaterThan(100);

        bool? Compare()
        {
            try
            {
                var same = FirewallComparison.IsAsWanted(Wanted, table, chains, rules);
                different += same ? 0 : 1;
                return same;
            }
            catch (InvalidDataException)
            {
                malformed++;
                return null;
            }
        }
    }

    [Fact]
    public void A_table_is_ours_by_its_comment_alone_wherever_that_stands()
    {
        FirewallAnswer.IsMarked(Answer(Wanted.Table)).ShouldBeTrue();
        FirewallAnswer.IsMarked(Answer(NftMessages.AddTable(new byte[512], "elysium", "mine").ToArray())).ShouldBeFalse();
        FirewallAnswer.IsMarked(Answer(NftMessages.GetTable(new byte[512], "elysium").ToArray())).ShouldBeFalse();
        NftMessages.DecodeComment([7, 1, 9, 0, 2, (byte)'a', 0]).ShouldBe("a");
        NftMessages.DecodeComment([]).ShouldBeNull();
        NftMessages.DecodeComment([0]).ShouldBeNull();
        NftMessages.DecodeComment([0, 200, 1]).ShouldBeNull();
        NftMessages.DecodeComment([7, 255, 0, 1, (byte)'a']).ShouldBeNull();
    }

    private static List<byte[]> Answers(IReadOnlyList<byte[]> messages) => [.. messages.Select(message => Answer(message, Attribute(50, 1)))];

    private static byte[] Answer(byte[] message, params byte[][] more) => [.. message.AsSpan(Nl.HeaderLength), .. more.SelectMany(bytes => bytes)];

    private static byte[] Attribute(ushort type, int value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, 8);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), type);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), value);
        return bytes;
    }
}
