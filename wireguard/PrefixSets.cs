namespace Elysium.WireGuard;

/// <summary>Lists of prefixes whose order means nothing.</summary>
internal static class PrefixSets
{
    // Below this looking at each is faster than a set.
    private const int Few = 16;

    /// <summary>Whether both hold the same, each once in the second.</summary>
    public static bool AreEqual(IReadOnlyList<IpPrefix> left, IReadOnlyList<IpPrefix> right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        for (var place = 0; place < left.Count; place++)
        {
            if (left[place] != right[place])
            {
                // As many, and all of one in the other: the same, unless the first has one twice; then the other way round finds it.
                return Hold(left, right) && Hold(right, left);
            }
        }

        return true;
    }

    private static bool Hold(IReadOnlyList<IpPrefix> holder, IReadOnlyList<IpPrefix> held)
    {
        var set = new Lookup(holder);
        for (var place = 0; place < held.Count; place++)
        {
            if (!set.Contains(held[place]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Looks prefixes up in a list: by looking at each where there are few.</summary>
    public readonly ref struct Lookup
    {
        private readonly ReadOnlySpan<IpPrefix> _few;
        private readonly HashSet<IpPrefix>? _many;

        public Lookup(IReadOnlyList<IpPrefix> prefixes)
        {
            if (prefixes.Count <= Few)
            {
                _few = prefixes.AsSpan();
            }
            else
            {
                _many = [.. prefixes];
            }
        }

        public bool Contains(IpPrefix prefix) => _many?.Contains(prefix) ?? _few.Contains(prefix);
    }
}
