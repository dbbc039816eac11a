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

    /// <summary>16 bytes; null: the network is IPv4 only. Peers have no column for it: see <see cref="AddressPlan"/>.</summary>
    public byte[]? Prefix6Address { get; init; }

    public int? Prefix6Length { get; init; }

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

    public IpPrefix? Prefix6 => Prefix6Address is { } address && Prefix6Length is { } length ? new(new System.Net.IPAddress(address), length) : null;

    /// <summary>All of its prefixes, IPv4 first.</summary>
    public IReadOnlyList<IpPrefix> Prefixes => Prefix6 is { } prefix6 ? [Prefix, prefix6] : [Prefix];

    public AddressPlan Addresses => new(Prefix, Prefix6);

    public string Interface => $"wg{InterfaceIndex}";

    internal sealed class Table : IEntityTypeConfiguration<Network>
    {
        public void Configure(EntityTypeBuilder<Network> table)
        {
            table.Property(n => n.Id).ValueGeneratedNever();
            table.Ignore(n => n.Prefix).Ignore(n => n.Prefix6).Ignore(n => n.Prefixes).Ignore(n => n.Addresses).Ignore(n => n.Interface);
            table.Property(n => n.Name).HasMaxLength(63);
            table.Property(n => n.Prefix6Address).HasColumnName("prefix6_address");
            table.Property(n => n.Prefix6Length).HasColumnName("prefix6_length");
            table.HasIndex(n => n.Name).IsUnique();
            table.HasIndex(n => n.InterfaceIndex).IsUnique();
            table.HasIndex(n => n.ListenPort).IsUnique();
        }
    }
}
