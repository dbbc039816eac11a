using Elysium.Linux;
using Elysium.WireGuard;

namespace Elysium.Backend.Hub;

/// <summary>What one interface should be, or why nobody can tell.</summary>
internal sealed record PlannedInterface(Guid NetworkId, string Name, long Version, IReadOnlyList<IpPrefix> Prefixes, InterfaceSpec? Spec, string? Problem)
{
    /// <summary>How it differs from what was planned before, if that is known and is only that peers came and went.</summary>
    public PlannedChange? Change { get; init; }
}

/// <summary>Peers that came and went. Who is in both has gone and come.</summary>
/// <param name="From">What it was before.</param>
/// <param name="Added">Peers that are new.</param>
/// <param name="Removed">Keys of peers that are gone.</param>
internal sealed record PlannedChange(InterfaceSpec From, IReadOnlyList<PeerSpec> Added, IReadOnlyList<PublicKey> Removed);
