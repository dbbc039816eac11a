using System.Net;
using Elysium.Backend.Networks;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Elysium.Backend.Peers;

/// <summary>A machine in a network. A row that is gone is a peer that has left or was revoked.</summary>
internal sealed class Peer
{
    public required Guid Id { get; init; }

    public required Guid NetworkId { get; init; }

    public required string Name { get; init; }

    public required byte[] WireGuardPublicKey { get; init; }

    public required byte[] Address { get; init; }

    /// <summary>SHA-256 of the SubjectPublicKeyInfo that the enrolment proved: what a replay is recognised by.</summary>
    public required byte[] CertificateKeyHash { get; init; }

    /// <summary>The token it joined with. No reference: a token may be forgotten before its peers.</summary>
    public required Guid EnrollmentTokenId { get; init; }

    public required bool Ephemeral { get; init; }

    public required string[] Tags { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public IPAddress IPAddress => new(Address);

    internal sealed class Table : IEntityTypeConfiguration<Peer>
    {
        public void Configure(EntityTypeBuilder<Peer> table)
        {
            table.Property(p => p.Id).ValueGeneratedNever();
            table.Ignore(p => p.IPAddress);
            table.Property(p => p.Name).HasMaxLength(63);
            table.HasIndex(p => new { p.NetworkId, p.Name }).IsUnique();
            table.HasIndex(p => new { p.NetworkId, p.Address }).IsUnique();
            table.HasIndex(p => new { p.NetworkId, p.WireGuardPublicKey }).IsUnique();
            table.HasIndex(p => new { p.NetworkId, p.CertificateKeyHash }).IsUnique();
            table.HasOne<Network>().WithMany().HasForeignKey(p => p.NetworkId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
