using Elysium.Linux;
using Elysium.WireGuard;

namespace Elysium.Backend.Hub;

/// <summary>What is wanted of one interface, and how it differs from what was taken last, so far as that is known.</summary>
internal sealed class WantedInterface
{
    private readonly Lock _lock = new();
    private PlannedInterface? _wanted;
    private InterfaceSpec? _from;
    private Dictionary<PublicKey, PeerSpec?>? _steps;

    /// <summary>Whether this is something else than before, and whether somebody must no longer be a peer.</summary>
    public (bool Different, bool Loses) Set(PlannedInterface? wanted)
    {
        lock (_lock)
        {
            var before = _wanted;
            if (ReferenceEquals(before, wanted))
            {
                return (false, false);
            }

            _wanted = wanted;
            if (wanted?.Change is { } change && before?.Spec is { } spec && ReferenceEquals(change.From, spec))
            {
                Follow(change);
                return (true, change.Removed.Count > 0);
            }

            _steps = null;
            return (true, wanted is null || LosesPeers(before?.Spec, wanted.Spec));
        }
    }

    /// <summary>What is wanted now, and the steps to it from what was taken before.</summary>
    public Steps Take()
    {
        lock (_lock)
        {
            var taken = new Steps(_wanted, _from, _steps);
            (_from, _steps) = (_wanted?.Spec, []);
            return taken;
        }
    }

    public PlannedInterface? Current
    {
        get
        {
            lock (_lock)
            {
                return _wanted;
            }
        }
    }

    private void Follow(PlannedChange change)
    {
        if (_steps is null)
        {
            return;
        }

        foreach (var key in change.Removed)
        {
            _steps[key] = null;
        }

        foreach (var peer in change.Added)
        {
            _steps[peer.PublicKey] = peer;
        }
    }

    private static bool LosesPeers(InterfaceSpec? before, InterfaceSpec? after) =>
        before is not null && after is not null
        && !before.Device.Peers.Select(peer => peer.PublicKey).ToHashSet().IsSubsetOf(after.Device.Peers.Select(peer => peer.PublicKey));
}

/// <summary>What an interface should be.</summary>
/// <param name="Wanted">Null: it should not be.</param>
/// <param name="From">What it should have been when this was asked before.</param>
/// <param name="Peers">The peers that came since, and the keys of those that went; null: how it differs is not known.</param>
internal sealed record Steps(PlannedInterface? Wanted, InterfaceSpec? From, IReadOnlyDictionary<PublicKey, PeerSpec?>? Peers);
