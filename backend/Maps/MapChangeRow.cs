using Elysium.Backend.Networks;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Elysium.Backend.Maps;

/// <summary>
/// What changed in a network at a version: an id only. Whoever replays reads what the peer is now, so that replaying twice, late or
/// across several versions ends at the same map.
/// </summary>
internal sealed class MapChangeRow
{
    public required Guid NetworkId { get; init; }

    public required long Version { get; init; }

    /// <summary>The peer that is new, different or gone.</summary>
    public required Guid PeerId { get; init; }

    public required DateTimeOffset At { get; init; }

    internal sealed class Table : IEntityTypeConfiguration<MapChangeRow>
    {
        public void Configure(EntityTypeBuilder<MapChangeRow> table)
        {
            table.ToTable("map_changes");
            table.HasKey(c => new { c.NetworkId, c.Version });
            table.HasOne<Network>().WithMany().HasForeignKey(c => c.NetworkId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
