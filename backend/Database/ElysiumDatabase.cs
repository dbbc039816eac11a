using Elysium.Backend.Access;
using Elysium.Backend.Audit;
using Elysium.Backend.Enrollment;
using Elysium.Backend.Maps;
using Elysium.Backend.Networks;
using Elysium.Backend.Peers;
using Elysium.Backend.Pki;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Elysium.Backend.Database;

/// <summary>
/// All tables. The columns are neutral, so that one set of queries runs on every engine: addresses as bytes, prefixes as bytes and
/// length, times as UTC ticks, lists as text. Uniqueness and references live here and nowhere else.
/// </summary>
internal abstract class ElysiumDatabase(DbContextOptions options) : DbContext(options)
{
    public DbSet<Network> Networks => Set<Network>();

    public DbSet<ReleasedAddress> ReleasedAddresses => Set<ReleasedAddress>();

    public DbSet<Peer> Peers => Set<Peer>();

    public DbSet<IssuedCertificate> Certificates => Set<IssuedCertificate>();

    public DbSet<EnrollmentToken> EnrollmentTokens => Set<EnrollmentToken>();

    public DbSet<ApiToken> ApiTokens => Set<ApiToken>();

    public DbSet<MapChangeRow> MapChanges => Set<MapChangeRow>();

    public DbSet<AuditEvent> AuditEvents => Set<AuditEvent>();

    public DbSet<PeerPresence> Presence => Set<PeerPresence>();

    public DbSet<StoredAuthority> Authorities => Set<StoredAuthority>();

    /// <summary>SQL for the database's own time, as UTC ticks like every time in it.</summary>
    public abstract string ClockTicks { get; }

    /// <summary>Until the transaction ends nobody else makes a network: what is free is chosen by looking at all of them.</summary>
    public virtual Task LockNetworkCreationAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Locks what deleting a network takes with it, in the order of everybody else: its tokens by id, then its row.</summary>
    public virtual Task LockForDeletionAsync(Guid network, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What stands behind a text column in ORDER BY so that it sorts by its bytes, whatever the database's language is.</summary>
    public abstract string ByteOrder { get; }

    /// <summary>A transaction that reads one state of everything, for as long as it takes, and holds nobody up.</summary>
    public abstract Task<IDbContextTransaction> BeginSnapshotAsync(CancellationToken cancellationToken);

    /// <summary>Takes the limits of everyday work from the transaction: its statements may take long, and so may the pauses between them.</summary>
    public abstract Task LiftLimitsAsync(CancellationToken cancellationToken);

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.ApplyConfiguration(new Network.Table());
        model.ApplyConfiguration(new ReleasedAddress.Table());
        model.ApplyConfiguration(new Peer.Table());
        model.ApplyConfiguration(new IssuedCertificate.Table());
        model.ApplyConfiguration(new EnrollmentToken.Table());
        model.ApplyConfiguration(new ApiToken.Table());
        model.ApplyConfiguration(new MapChangeRow.Table());
        model.ApplyConfiguration(new AuditEvent.Table());
        model.ApplyConfiguration(new PeerPresence.Table());
        model.ApplyConfiguration(new StoredAuthority.Table());
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder conventions)
    {
        conventions.Properties<DateTimeOffset>().HaveConversion<UtcTicks>();
        conventions.Properties<string[]>().HaveConversion<TextList, TextList.Comparer>();
    }
}
