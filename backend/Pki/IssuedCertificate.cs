using System.Security.Cryptography.X509Certificates;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Elysium.Backend.Pki;

/// <summary>
/// A client certificate that was issued. It outlives its peer, without references: a revoked machine is recognised by its key.
/// </summary>
internal sealed class IssuedCertificate
{
    /// <summary>The serial number, lower-case hex.</summary>
    public required string Serial { get; init; }

    public required Guid NetworkId { get; init; }

    public required Guid PeerId { get; init; }

    /// <summary>SHA-256 of the SubjectPublicKeyInfo.</summary>
    public required byte[] KeyHash { get; init; }

    public required DateTimeOffset NotBefore { get; init; }

    public required DateTimeOffset NotAfter { get; init; }

    public DateTimeOffset? RevokedAt { get; set; }

    public static IssuedCertificate Of(X509Certificate2 certificate, Guid networkId, Guid peerId, byte[] keyHash) => new()
    {
        Serial = certificate.SerialNumber.ToLowerInvariant(),
        NetworkId = networkId,
        PeerId = peerId,
        KeyHash = keyHash,
        NotBefore = certificate.NotBefore.ToUniversalTime(),
        NotAfter = certificate.NotAfter.ToUniversalTime(),
    };

    internal sealed class Table : IEntityTypeConfiguration<IssuedCertificate>
    {
        public void Configure(EntityTypeBuilder<IssuedCertificate> table)
        {
            table.ToTable("certificates");
            table.HasKey(c => c.Serial);
            table.Property(c => c.Serial).HasMaxLength(40);
            table.HasIndex(c => c.PeerId);
            table.HasIndex(c => new { c.NetworkId, c.KeyHash });
        }
    }
}
