using Elysium.Linux.Netlink;

namespace Elysium.Linux.Firewall;

/// <summary>
/// Whether what the kernel lists is what we would send. It lists in its own order and says more (handles, counters, defaults that newer
/// kernels know): so each of our attributes must be in its answer, as often and with the same value, and the rest is not looked at.
/// </summary>
internal static class FirewallComparison
{
    /// <summary>Whether the table, its chains and its rules are what they should be, none missing and none besides.</summary>
    /// <param name="wanted">The table as we would send it.</param>
    /// <param name="table">The kernel's answer about the table; like the next, without the message's header.</param>
    /// <param name="chains">Its answers about the table's chains, in its order.</param>
    /// <param name="rules">Its answers about the table's rules, in its order.</param>
    /// <exception cref="InvalidDataException">An answer is malformed.</exception>
    public static bool IsAsWanted(FirewallTable wanted, byte[] table, IReadOnlyList<byte[]> chains, IReadOnlyList<byte[]> rules)
    {
        // What a table uses is its chains, sets, maps, objects and flow tables (nf_tables_api.c): we make only chains.
        return IsContained(wanted.Table, table)
            && UseOf(table) == wanted.Chains.Count
            && AreContained(wanted.Chains, chains)
            && AreContained(wanted.Rules, rules);
    }

    private static bool AreContained(IReadOnlyList<byte[]> messages, IReadOnlyList<byte[]> answers)
    {
        if (messages.Count != answers.Count)
        {
            return false;
        }

        for (var i = 0; i < messages.Count; i++)
        {
            if (!IsContained(messages[i], answers[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsContained(byte[] message, byte[] answer) =>
        AreContained(NftMessages.Attributes(message.AsSpan(Nl.HeaderLength)), NftMessages.Attributes(answer));

    private static bool AreContained(AttributeReader ours, AttributeReader theirs)
    {
        var all = ours;
        while (ours.Read())
        {
            var type = ours.Type;
            var before = CountOf(all, type) - CountOf(ours, type) - 1;
            if (CountOf(all, type) != CountOf(theirs, type))
            {
                return false;
            }

            var match = Find(theirs, type, before);
            if (!(ours.IsNested ? AreContained(ours.AsNest, match.AsNest) : ours.Value.SequenceEqual(match.Value)))
            {
                return false;
            }
        }

        return true;
    }

    private static int CountOf(AttributeReader attributes, ushort type)
    {
        var count = 0;
        while (attributes.Read())
        {
            count += attributes.Type == type ? 1 : 0;
        }

        return count;
    }

    private static AttributeReader Find(AttributeReader attributes, ushort type, int before)
    {
        while (attributes.Read() && (attributes.Type != type || before-- > 0))
        {
        }

        return attributes;
    }

    private static uint? UseOf(byte[] table) => FirewallAnswer.Number(NftMessages.Attributes(table), Nft.NFTA_TABLE_USE);
}
