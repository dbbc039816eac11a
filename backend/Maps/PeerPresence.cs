using Elysium.Backend.Peers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Elysium.Backend.Maps;

/// <summary>
/// When a peer was last heard, by the database's clock, and whether it has a stream open somewhere. A row of its own, because it is written far
/// more often than the peer, and never as part of the map.
/// </summary>
internal sealed class PeerPresence
{
    /// <summary>How long a row's "connected" is believed. A backend that lives says so again every 30 s; one that died says nothing.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(90);

    public required Guid PeerId { get; init; }

    /// <summary>The stream that was opened last: the end of an earlier one, on whichever backend, says nothing about this one.</summary>
    public required Guid StreamId { get; set; }

    public required bool Connected { get; set; }

    public required DateTimeOffset SeenAt { get; set; }

    internal sealed class Table : IEntityTypeConfiguration<PeerPresence>
    {
        public void Configure(EntityTypeBuilder<PeerPresence> table)
        {
            table.ToTable("peer_presence");
            table.HasKey(p => p.PeerId);
            table.Property(p => p.PeerId).ValueGeneratedNever();
            table.HasOne<Peer>().WithOne().HasForeignKey<PeerPresence>(p => p.PeerId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
