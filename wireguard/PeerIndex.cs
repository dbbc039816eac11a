using System.Buffers;

namespace Elysium.WireGuard;

/// <summary>Finds peers of a list by their keys. Holds only numbers, in borrowed memory: the keys stay where they are.</summary>
internal readonly ref struct PeerIndex : IDisposable
{
    private readonly ReadOnlySpan<Peer> _peers;
    private readonly (int Hash, int Number)[] _slots;
    private readonly int _mask;

    /// <summary>Takes in the peers; of two with one key the first.</summary>
    /// <param name="peers">The list; it must not change.</param>
    /// <param name="isUnique">Whether no key stands twice.</param>
    public PeerIndex(ReadOnlySpan<Peer> peers, out bool isUnique)
    {
        // Never more than half full. A number is the place in the list and one, so that zero is free.
        var size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(peers.Length, 1) * 2);
        _peers = peers;
        _slots = ArrayPool<(int, int)>.Shared.Rent(size);
        _mask = size - 1;
        _slots.AsSpan(0, size).Clear();
        isUnique = true;
        for (var place = 0; place < peers.Length; place++)
        {
            var key = peers[place].PublicKey;
            var hash = key.GetHashCode();
            var slot = SlotOf(key, hash);
            isUnique &= _slots[slot].Number == 0;
            if (_slots[slot].Number == 0)
            {
                _slots[slot] = (hash, place + 1);
            }
        }
    }

    /// <summary>The place of the peer in the list; -1 if it is not there.</summary>
    public int Find(PublicKey key) => _slots[SlotOf(key, key.GetHashCode())].Number - 1;

    /// <summary>Gives the memory back.</summary>
    public void Dispose() => ArrayPool<(int, int)>.Shared.Return(_slots);

    // Where the key is, or would stand.
    private int SlotOf(PublicKey key, int hash)
    {
        for (var slot = hash & _mask; ; slot = (slot + 1) & _mask)
        {
            var (storedHash, number) = _slots[slot];
            if (number == 0 || (storedHash == hash && _peers[number - 1].PublicKey == key))
            {
                return slot;
            }
        }
    }
}
