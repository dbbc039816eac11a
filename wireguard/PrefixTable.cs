using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Elysium.WireGuard;

/// <summary>
/// A table of prefixes that is looked up by the longest that matches, as WireGuard looks up allowed IPs and a router its routes. IPv4 and
/// IPv6 stand beside each other and never meet. A prefix has one value: to give it another is to move it. Enumerated in the order of
/// <see cref="IpPrefix"/>. Not safe for threads that change it.
/// </summary>
/// <remarks>
/// A trie with compressed paths: looking up, inserting and removing cost at most one step for each bit of the prefix, usually as many as the
/// logarithm of the count; memory is at most two nodes a prefix.
/// </remarks>
/// <typeparam name="T">What a prefix leads to: a peer, say.</typeparam>
public sealed class PrefixTable<T> : IEnumerable<KeyValuePair<IpPrefix, T>>
{
    private Node? _ipv4;
    private Node? _ipv6;

    /// <summary>How many prefixes there are.</summary>
    public int Count { get; private set; }

    /// <summary>Gives the prefix this value, whatever it had.</summary>
    /// <returns>Whether the prefix is new.</returns>
    public bool Insert(IpPrefix prefix, T value)
    {
        ref var at = ref Root(prefix);
        while (at is not null)
        {
            var common = Math.Min(at.Prefix.CommonLength(prefix), Math.Min(at.Prefix.Length, prefix.Length));
            if (common < at.Prefix.Length)
            {
                // It stands above this node, or beside it under a new one.
                var below = at;
                at = new Node(prefix.Shortened(common));
                at.Child(below.Prefix) = below;
                continue;
            }

            if (common == prefix.Length)
            {
                break;
            }

            at = ref at.Child(prefix);
        }

        at ??= new Node(prefix);
        var isNew = !at.HasValue;
        (at.HasValue, at.Value) = (true, value);
        Count += isNew ? 1 : 0;
        return isNew;
    }

    /// <summary>Takes the prefix away; what lies in it or around it stays.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(IpPrefix prefix)
    {
        ref var root = ref Root(prefix);
        var count = Count;
        root = Without(root, prefix);
        return Count < count;
    }

    /// <summary>The value of this very prefix.</summary>
    public bool TryGetValue(IpPrefix prefix, [MaybeNullWhen(false)] out T value)
    {
        var found = Match(prefix) is { } node && node.Prefix == prefix ? node : null;
        value = found is null ? default : found.Value;
        return found is not null;
    }

    /// <summary>The longest prefix that holds the address.</summary>
    public bool TryMatch(IPAddress address, out IpPrefix prefix, [MaybeNullWhen(false)] out T value) => TryMatch(IpPrefix.Of(address), out prefix, out value);

    /// <summary>The longest prefix that holds all of another.</summary>
    public bool TryMatch(IpPrefix held, out IpPrefix prefix, [MaybeNullWhen(false)] out T value)
    {
        var found = Match(held);
        (prefix, value) = found is null ? (default, default) : (found.Prefix, found.Value);
        return found is not null;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<IpPrefix, T>> GetEnumerator()
    {
        // A prefix before what lies in it, the lower half first: the order of prefixes.
        var waiting = new Stack<Node?>([_ipv6, _ipv4]);
        while (waiting.TryPop(out var node))
        {
            if (node is null)
            {
                continue;
            }

            if (node.HasValue)
            {
                yield return new(node.Prefix, node.Value!);
            }

            waiting.Push(node.One);
            waiting.Push(node.Zero);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private ref Node? Root(IpPrefix prefix) => ref prefix.IsIPv6 ? ref _ipv6 : ref _ipv4;

    private Node? Match(IpPrefix prefix)
    {
        Node? longest = null;
        for (var node = Root(prefix); node is not null && node.Prefix.Contains(prefix); node = node.Child(prefix))
        {
            longest = node.HasValue ? node : longest;
            if (node.Prefix.Length == prefix.Length)
            {
                break;
            }
        }

        return longest;
    }

    // What stands in the node's place afterwards. As deep as a prefix has bits, at most.
    private Node? Without(Node? node, IpPrefix prefix)
    {
        if (node is null || !node.Prefix.Contains(prefix))
        {
            return node;
        }

        if (node.Prefix.Length < prefix.Length)
        {
            ref var child = ref node.Child(prefix);
            child = Without(child, prefix);
        }
        else
        {
            Count -= node.HasValue ? 1 : 0;
            (node.HasValue, node.Value) = (false, default);
        }

        // A node that holds nothing is there to part two others.
        return node.HasValue || (node.Zero is not null && node.One is not null) ? node : node.Zero ?? node.One;
    }

    private sealed class Node(IpPrefix prefix)
    {
        private Node? _zero;
        private Node? _one;

        public IpPrefix Prefix { get; } = prefix;

        public bool HasValue { get; set; }

        public T? Value { get; set; }

        public Node? Zero => _zero;

        public Node? One => _one;

        /// <summary>Below which a longer prefix stands: by its first bit that this one has not.</summary>
        public ref Node? Child(IpPrefix longer) => ref longer.Bit(Prefix.Length) ? ref _one : ref _zero;
    }
}
