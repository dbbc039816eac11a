using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Elysium.Backend.Audit;

/// <summary>Who did what to whom; written in the transaction of the change it tells, and never changed.</summary>
internal sealed class AuditEvent
{
    public required Guid Id { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary><c>api-token:PREFIX</c>, <c>enrollment-token:PREFIX</c> or <c>peer:ID</c>.</summary>
    public required string Actor { get; init; }

    /// <summary><c>network.created</c>, <c>peer.joined</c>, …</summary>
    public required string Action { get; init; }

    public required Guid? NetworkId { get; init; }

    public required Guid? PeerId { get; init; }

    /// <summary>Names as they were then, for people.</summary>
    public required string Detail { get; init; }

    public static AuditEvent Of(DateTimeOffset at, string actor, string action, string detail, Guid? network = null, Guid? peer = null) =>
        new()
        {
            Id = Guid.CreateVersion7(at),
            At = at,
            Actor = actor,
            Action = action,
            NetworkId = network,
            PeerId = peer,
            Detail = detail,
        };

    internal sealed class Table : IEntityTypeConfiguration<AuditEvent>
    {
        public void Configure(EntityTypeBuilder<AuditEvent> table)
        {
            table.Property(e => e.Id).ValueGeneratedNever();
            table.HasIndex(e => e.At);
        }
    }
}
