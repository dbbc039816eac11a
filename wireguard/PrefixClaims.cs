using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Elysium.WireGuard;

/// <summary>
/// Which peer should have a prefix: the last that claims it. Knows only those prefixes whose peers differ from what they should be,
/// because of thousands of peers mostly few do.
/// </summary>
internal sealed class PrefixClaims
{
    private const int Nobody = -1;
    private const int Given = -2;

    // By prefix, the place of the peer among the desired ones.
    private readonly Dictionary<IpPrefix, int> _claimants = [];
    private readonly DeviceSpec _desired;

    public PrefixClaims(DeviceSpec desired, List<PeerPair> differing)
    {
        _desired = desired;
        _claimants.EnsureCapacity(differing.Count);
        foreach (var pair in differing)
        {
            if (!pair.SamePrefixes)
            {
                Add(pair.Desired.AllowedIps);
                Add(pair.Actual?.AllowedIps ?? []);
            }
        }

        if (_claimants.Count > 0)
        {
            Claim();
        }
    }

    /// <summary>What a peer should have and has not, in the order of its specification; null is nothing.</summary>
    public IReadOnlyList<IpPrefix>? Missing(PeerPair pair)
    {
        var desired = pair.Desired.AllowedIps;
        var present = new PrefixSets.Lookup(pair.Actual?.AllowedIps ?? []);
        var missing = new IpPrefix[desired.Count];
        var count = 0;
        for (var number = 0; number < desired.Count; number++)
        {
            ref var claimant = ref CollectionsMarshal.GetValueRefOrNullRef(_claimants, desired[number]);
            if (claimant == pair.Place && !present.Contains(desired[number]))
            {
                // Once, even where the peer's list names it twice.
                claimant = Given;
                missing[count++] = desired[number];
            }
        }

        return count == 0 ? null : count == missing.Length ? missing : missing[..count];
    }

    /// <summary>What a peer has and nobody should have; null is nothing. What another peer should have leaves by being inserted there.</summary>
    public IReadOnlyList<IpPrefix>? Surplus(PeerPair pair)
    {
        List<IpPrefix>? surplus = null;
        foreach (var prefix in (pair.Actual?.AllowedIps ?? []).AsSpan())
        {
            if (_claimants[prefix] == Nobody)
            {
                (surplus ??= []).Add(prefix);
            }
        }

        return surplus;
    }

    private void Add(IReadOnlyList<IpPrefix> prefixes)
    {
        foreach (var prefix in prefixes.AsSpan())
        {
            _claimants.TryAdd(prefix, Nobody);
        }
    }

    private void Claim()
    {
        var peers = _desired.Peers.AsSpan();
        for (var place = 0; place < peers.Length; place++)
        {
            var prefixes = peers[place].AllowedIps;
            for (var number = 0; number < prefixes.Count; number++)
            {
                ref var claimant = ref CollectionsMarshal.GetValueRefOrNullRef(_claimants, prefixes[number]);
                if (!Unsafe.IsNullRef(ref claimant) && !DeviceDiff.IsImpossible(peers[place].PublicKey, _desired.PrivateKey.PublicKey))
                {
                    claimant = place;
                }
            }
        }
    }
}
