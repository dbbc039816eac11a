using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Elysium.Backend.Access;

/// <summary>What lets an operator in. Its secret is not here, only the secret's SHA-256.</summary>
internal sealed class ApiToken
{
    public required Guid Id { get; init; }

    public required string Name { get; init; }

    public required byte[] SecretHash { get; init; }

    public required string Prefix { get; init; }

    /// <summary>One of <see cref="ApiRole"/>.</summary>
    public required string Role { get; init; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Table : IEntityTypeConfiguration<ApiToken>
    {
        public void Configure(EntityTypeBuilder<ApiToken> table)
        {
            table.Property(t => t.Id).ValueGeneratedNever();
            table.HasIndex(t => t.SecretHash).IsUnique();
            table.Property(t => t.Role).HasMaxLength(16);
        }
    }
}

/// <summary>What an API token may do: an auditor reads, an operator also changes, an admin also manages access.</summary>
internal static class ApiRole
{
    public const string Admin = "admin";
    public const string Operator = "operator";
    public const string Auditor = "auditor";
}
