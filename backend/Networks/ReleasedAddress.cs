using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Elysium.Backend.Networks;

/// <summary>An address that a peer gave back and that rests until its quarantine is over.</summary>
internal sealed class ReleasedAddress
{
    public required Guid NetworkId { get; init; }

    public required byte[] Address { get; init; }

    public required DateTimeOffset ReleasedAt { get; init; }

    internal sealed class Table : IEntityTypeConfiguration<ReleasedAddress>
    {
        public void Configure(EntityTypeBuilder<ReleasedAddress> table)
        {
            table.HasKey(a => new { a.NetworkId, a.Address });
            table.HasIndex(a => new { a.NetworkId, a.ReleasedAt });
            table.HasOne<Network>().WithMany().HasForeignKey(a => a.NetworkId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
