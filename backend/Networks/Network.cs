using Elysium.WireGuard;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Elysium.Backend.Networks;

/// <summary>A network and its hub.</summary>
internal sealed class Network
{
    public required Guid Id { get; init; }

    public required string Name { get; init; }

    public required byte[] PrefixAddress { get; init; }

    public required int PrefixLength { get; init; }

    /// <summary>The N of wgN.</summary>
    public required int InterfaceIndex { get; init; }

    public required int ListenPort { get; init; }

    public required int Mtu { get; init; }

    public required byte[] HubPrivateKeySealed { get; init; }

    public required byte[] HubPublicKey { get; init; }

    /// <summary>Counts the changes of the map; the ids of the feed.</summary>
    public long Version { get; set; }

    /// <summary>Offset in the prefix of the next address that nobody ever had.</summary>
    public required long Cursor { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public IpPrefix Prefix => new(new System.Net.IPAddress(PrefixAddress), PrefixLength);

    public AddressPlan Addresses => new(Prefix);

    public string Interface => $"wg{InterfaceIndex}";

    internal sealed class Table : IEntityTypeConfiguration<Network>
    {
        public void Configure(EntityTypeBuilder<Network> table)
        {
            table.Property(n => n.Id).ValueGeneratedNever();
            table.Ignore(n => n.Prefix).Ignore(n => n.Addresses).Ignore(n => n.Interface);
            table.Property(n => n.Name).HasMaxLength(63);
            table.HasIndex(n => n.Name).IsUnique();
            table.HasIndex(n => n.InterfaceIndex).IsUnique();
            table.HasIndex(n => n.ListenPort).IsUnique();
        }
    }
}
