using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Elysium.Backend.Pki;

/// <summary>A CA certificate, and the issuing one's key, sealed: every backend of an installation signs with it.</summary>
internal sealed class StoredAuthority
{
    public required Guid Id { get; init; }

    /// <summary>One of <see cref="AuthorityRole"/>.</summary>
    public required string Role { get; init; }

    /// <summary>DER.</summary>
    public required byte[] Certificate { get; init; }

    /// <summary>PKCS#8, sealed for <see cref="Id"/>; null for a root, whose key is not needed to run.</summary>
    public byte[]? PrivateKeySealed { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Table : IEntityTypeConfiguration<StoredAuthority>
    {
        public void Configure(EntityTypeBuilder<StoredAuthority> table)
        {
            table.ToTable("certificate_authorities");
            table.HasKey(a => a.Id);
            table.Property(a => a.Id).ValueGeneratedNever();
            table.Property(a => a.Role).HasMaxLength(16);
        }
    }
}

/// <summary>What a CA is for.</summary>
internal static class AuthorityRole
{
    public const string Root = "root";
    public const string Issuing = "issuing";
}
