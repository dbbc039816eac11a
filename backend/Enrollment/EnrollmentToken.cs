using Elysium.Backend.Hosting;
using Elysium.Backend.Networks;
using Elysium.Contracts;
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

    /// <summary>Whether it lets a machine in that was not here before.</summary>
    public bool IsOpen(DateTimeOffset now) => RevokedAt is null && ExpiresAt > now && Used < Uses;

    /// <summary>Why a token, as it is now, lets nobody in who was not here before.</summary>
    public static Refusal Explain(EnrollmentToken? token, DateTimeOffset now) => token switch
    {
        null => new Refusal(ProblemCodes.EnrollmentTokenUnknown, "The enrollment token was just deleted, or its network was."),
        { RevokedAt: { } at } => new Refusal(ProblemCodes.EnrollmentTokenRevoked, $"The enrollment token {token.Prefix} was revoked at {at:u}."),
        _ when token.ExpiresAt <= now => new Refusal(ProblemCodes.EnrollmentTokenExpired, $"The enrollment token {token.Prefix} expired at {token.ExpiresAt:u}; the backend's clock says {now:u}."),
        _ => new Refusal(ProblemCodes.EnrollmentTokenUsedUp, $"The enrollment token {token.Prefix} was used {token.Used} of {token.Uses} times. Ask for a new join code."),
    };

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
