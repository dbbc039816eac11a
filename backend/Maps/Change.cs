namespace Elysium.Backend.Maps;

/// <summary>What a committed mutation did to a network, for those who must hear of it: ids and a version, never contents.</summary>
internal sealed record Change(Guid NetworkId, long Version)
{
    /// <summary>Peers that are members no more: their streams are cut.</summary>
    public IReadOnlyList<Guid> RemovedPeers { get; init; } = [];

    public bool NetworkDeleted { get; init; }
}
