using Elysium.Backend.Networks;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Elysium.Backend.Enrollment;

/// <summary>What lets machines join. Its secret is not here, only the secret's SHA-256.</summary>
internal sealed class EnrollmentToken
{
    public required Guid Id { get; init; }

    public required Guid NetworkId { get; init; }

    public required byte[] SecretHash { get; init; }

    public required string Prefix { get; init; }

    public required int Uses { get; init; }

    public int Used { get; set; }

    public required bool Ephemeral { get; init; }

    public required string[] Tags { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Table : IEntityTypeConfiguration<EnrollmentToken>
    {
        public void Configure(EntityTypeBuilder<EnrollmentToken> table)
        {
            table.Property(t => t.Id).ValueGeneratedNever();
            table.HasIndex(t => t.SecretHash).IsUnique();
            table.HasIndex(t => t.Prefix);
            table.Property(t => t.Prefix).HasMaxLength(8);
            table.HasOne<Network>().WithMany().HasForeignKey(t => t.NetworkId).OnDelete(DeleteBehavior.Cascade);
            table.ToTable(t => t.HasCheckConstraint("ck_enrollment_tokens_used", "used >= 0 AND used <= uses"));
        }
    }
}
