using Elysium.Linux.Netlink;

namespace Elysium.Linux.Firewall;

/// <summary>What became of the table that a <see cref="FirewallSpec"/> describes.</summary>
public enum FirewallState
{
    /// <summary>There is no table of that name.</summary>
    Absent,

    /// <summary>There is one, and somebody else made it.</summary>
    Foreign,

    /// <summary>There is one of ours, which differs: it is for another spec, or somebody changed it.</summary>
    Different,

    /// <summary>It is as it should be.</summary>
    AsWanted,
}

/// <summary>
/// Keeps the firewall's rules in one table of our own (nf_tables, by nfnetlink; no <c>nft</c> is needed). Whatever changes, changes in one
/// step: packets meet the old rules or the new ones, never a part, and a refusal leaves the old. Nothing outside the table is touched, and
/// a table of that name that somebody else made is neither replaced nor deleted. Stays in the namespace it was opened in. Any thread may
/// call; calls go one after the other.
/// </summary>
public sealed class Nftables : IDisposable
{
    private const int Attempts = 10;
    private const int SmallRequest = 512;

    private readonly Lock _lock = new();
    private readonly NetlinkSocket _socket;
    private (FirewallSpec Spec, uint Generation)? _seen;

    private Nftables(NetlinkSocket socket) => _socket = socket;

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    /// <exception cref="FirewallException">The kernel has no nfnetlink.</exception>
    public static Nftables Open()
    {
        try
        {
            return new Nftables(new NetlinkSocket(Nl.NETLINK_NETFILTER));
        }
        catch (IOException exception)
        {
            throw FirewallException.Of(new NetlinkException("opening a socket of nfnetlink", exception.HResult));
        }
    }

    /// <summary>How what is there compares with what should be. Cheap while nobody changes any rule in the namespace.</summary>
    /// <exception cref="FirewallException">The kernel does not tell.</exception>
    public FirewallState Get(FirewallSpec spec)
    {
        Check(spec);
        return Locked(() => IsKnown(spec) ? FirewallState.AsWanted : Look(spec.Table, FirewallRules.Of(spec), spec).State);
    }

    /// <summary>Makes the table what it should be; false if it was.</summary>
    /// <exception cref="FirewallException">It cannot be; nothing was changed.</exception>
    public bool Apply(FirewallSpec spec)
    {
        Check(spec);
        return Locked(() => !IsKnown(spec) && Change(spec.Table, FirewallRules.Of(spec), spec));
    }

    /// <summary>Deletes the table; false if there is none.</summary>
    /// <exception cref="FirewallException">It is not ours, or the kernel refuses.</exception>
    public bool Delete(string table = FirewallSpec.DefaultTable)
    {
        ThrowIfInvalid(table);
        return Locked(() => Change(table, null, null));
    }

    /// <summary>
    /// Chains that drop forwarded packets unless one of their rules accepts them, such as <c>ip filter FORWARD</c> where Docker is: our
    /// rules cannot overrule them. What legacy iptables (not <c>iptables-nft</c>) does is not seen.
    /// </summary>
    /// <exception cref="FirewallException">The kernel does not tell.</exception>
    public IReadOnlyList<string> GetForwardDrops() => Locked(() => _socket.Dump(
        NftMessages.ListChains(stackalloc byte[SmallRequest], Nft.NFPROTO_UNSPEC),
        static payload => FirewallAnswer.ForwardDrop(payload),
        "listing the chains of nf_tables"));

    /// <summary>Closes the socket; the rules stay.</summary>
    public void Dispose() => _socket.Dispose();

    private static void Check(FirewallSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ThrowIfInvalid(spec.Table);
        var names = new HashSet<string>();
        foreach (var own in spec.Interfaces)
        {
            InterfaceName.ThrowIfInvalid(own.Name);
            if (!names.Add(own.Name))
            {
                throw new ArgumentException($"The interface {own.Name} stands twice in the firewall's spec.", nameof(spec));
            }
        }
    }

    private static void ThrowIfInvalid(string table)
    {
        const int MaxLength = 31;
        if (table.Length is 0 or > MaxLength || !table.All(c => char.IsAsciiLetterOrDigit(c) || "_.-".Contains(c)))
        {
            throw new ArgumentException($"'{table}' cannot name a table: 1 to {MaxLength} of a-z, A-Z, 0-9, '_', '.' and '-'.", nameof(table));
        }
    }

    private T Locked<T>(Func<T> work)
    {
        lock (_lock)
        {
            try
            {
                return work();
            }
            catch (NetlinkException exception)
            {
                throw FirewallException.Of(exception);
            }
            catch (InvalidDataException exception)
            {
                throw new FirewallException(FirewallFailure.Refused, $"What the kernel says of its rules makes no sense: {exception.Message}.", exception);
            }
        }
    }

    private bool Change(string name, FirewallTable? wanted, FirewallSpec? spec)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (state, generation) = Look(name, wanted, spec);
            if (state == (wanted is null ? FirewallState.Absent : FirewallState.AsWanted))
            {
                return attempt > 1;
            }

            if (state == FirewallState.Foreign)
            {
                throw new FirewallException(
                    FirewallFailure.ForeignTable,
                    $"There is a table inet {name} that Elysium did not make, so it is left alone: rename it, or delete it (nft delete table inet {name}).");
            }

            try
            {
                Commit(name, wanted, generation, replaces: state == FirewallState.Different);
            }
            catch (NetlinkException exception) when (exception.Errno == Errno.ERESTART && attempt < Attempts)
            {
                // Somebody changed rules between our look and our change: what we saw may not be what we would replace.
                continue;
            }

            if (attempt == Attempts)
            {
                throw new FirewallException(FirewallFailure.Refused, $"The table inet {name} is not what was set, {Attempts} times. Does something else change it?");
            }
        }
    }

    // One batch. It is bound to the generation in which the table was ours or absent, so that a foreign one can never be hit.
    private void Commit(string name, FirewallTable? wanted, uint generation, bool replaces)
    {
        using var batch = new MessageBuffer();
        var doing = new List<string>();
        Span<byte> buffer = stackalloc byte[SmallRequest];
        Add(NftMessages.BeginBatch(buffer, generation), $"committing the table inet {name}");
        if (replaces)
        {
            Add(NftMessages.DeleteTable(buffer, name), $"deleting the table inet {name}");
        }

        if (wanted is not null)
        {
            Add(wanted.Table, $"adding the table inet {name}");
            foreach (var chain in wanted.Chains)
            {
                Add(chain, $"adding the chain {ChainOf(chain, Nft.NFTA_CHAIN_NAME)}");
            }

            foreach (var rule in wanted.Rules)
            {
                Add(rule, $"adding a rule to the chain {ChainOf(rule, Nft.NFTA_RULE_CHAIN)}");
            }
        }

        NftMessages.Acknowledge(batch.Messages);
        Add(NftMessages.EndBatch(buffer), $"committing the table inet {name}");
        try
        {
            _socket.Execute(batch, $"changing the table inet {name}");
        }
        catch (NetlinkException exception)
        {
            throw new NetlinkException(doing[exception.RequestIndex], exception.Errno, exception.KernelMessage);
        }

        void Add(ReadOnlySpan<byte> message, string what)
        {
            batch.Append(message);
            doing.Add(what);
        }
    }

    private static string? ChainOf(byte[] message, ushort type) => FirewallAnswer.Text(NftMessages.Attributes(message.AsSpan(Nl.HeaderLength)), type);

    // Nobody has changed any rule since it was seen to be so.
    private bool IsKnown(FirewallSpec spec) => _seen is { } seen && seen.Spec.IsSameAs(spec) && seen.Generation == Generation();

    // The state, and a generation in which it was so.
    private (FirewallState State, uint Generation) Look(string name, FirewallTable? wanted, FirewallSpec? spec)
    {
        var generation = Generation();
        for (var attempt = 1; ; attempt++)
        {
            var state = Read(name, wanted);
            var after = Generation();
            if (after == generation)
            {
                _seen = state == FirewallState.AsWanted ? (spec!.Copy(), generation) : null;
                return (state, generation);
            }

            if (attempt == Attempts)
            {
                throw new NetlinkException($"reading the table inet {name}", Errno.EAGAIN, $"rules changed during each of {Attempts} attempts");
            }

            generation = after;
        }
    }

    private FirewallState Read(string name, FirewallTable? wanted)
    {
        var table = FindTable(name);
        if (table is null)
        {
            return FirewallState.Absent;
        }

        if (!FirewallAnswer.IsMarked(table))
        {
            return FirewallState.Foreign;
        }

        if (wanted is null)
        {
            return FirewallState.Different;
        }

        var chains = _socket.Dump(
            NftMessages.ListChains(stackalloc byte[SmallRequest], Nft.NFPROTO_INET),
            payload => FirewallAnswer.Text(NftMessages.Attributes(payload), Nft.NFTA_CHAIN_TABLE) == name
                ? payload.ToArray()
                : null,
            "listing the chains of nf_tables");
        var rules = _socket.Dump(
            NftMessages.ListRules(stackalloc byte[SmallRequest], name),
            static payload => payload.ToArray(),
            $"listing the rules of the table inet {name}");
        return FirewallComparison.IsAsWanted(wanted, table, chains, rules) ? FirewallState.AsWanted : FirewallState.Different;
    }

    private byte[]? FindTable(string name) => _socket.Find(
        NftMessages.GetTable(stackalloc byte[SmallRequest], name),
        static payload => payload.ToArray(),
        $"looking for the table inet {name}",
        Errno.ENOENT);

    private uint Generation() =>
        _socket.Find(
            NftMessages.Generation(stackalloc byte[SmallRequest]),
            static payload => (object?)FirewallAnswer.Number(NftMessages.Attributes(payload), Nft.NFTA_GEN_ID),
            "asking for the generation of the rules") as uint?
            ?? throw new InvalidDataException("the generation of the rules is missing");
}
