using Elysium.Backend.Audit;
using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Elysium.Backend.Maps;
using Elysium.Backend.Networks;
using Elysium.Backend.Peers;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Enrollment;

/// <summary>
/// Makes machines peers of one network, in one transaction, with as many statements for thirty-two of them as for one: token uses, addresses,
/// peers, certificates, changes, audit. The refusal of one does not hinder the others. No two of them may want the same key or name.
/// </summary>
internal sealed class EnrollmentBatch
{
    private readonly ElysiumDatabase _database;
    private readonly IReadOnlyList<PendingEnrollment> _batch;
    private readonly Outcome<Peer>?[] _outcomes;
    private readonly DateTimeOffset _now;
    private readonly Network _network;

    private EnrollmentBatch(ElysiumDatabase database, IReadOnlyList<PendingEnrollment> batch, DateTimeOffset now)
    {
        _database = database;
        _batch = batch;
        _outcomes = new Outcome<Peer>?[batch.Count];
        _now = now;
        _network = batch[0].Network;
    }

    public static async Task<Outcome<Result>> RunAsync(
        ElysiumDatabase database,
        AddressPool addresses,
        IReadOnlyList<PendingEnrollment> batch,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var run = new EnrollmentBatch(database, batch, now);

        // 1. Who is there already: the same machine again, or one that wants what another has.
        await run.CompareAsync(cancellationToken);

        // 2. The locks, in their order: tokens by id, then the network, which gives out versions and addresses.
        await run.UseTokensAsync(cancellationToken);
        var version = await run.PlaceAsync(addresses, cancellationToken);

        return new Result([.. run._outcomes.Select(outcome => outcome!.Value)], version);
    }

    public static Refusal NameTaken(PendingEnrollment pending) => new(ProblemCodes.NameTaken, $"Another peer of the network has the name '{pending.Name}'.");

    /// <summary>Those who are neither refused nor known.</summary>
    private IEnumerable<int> Newcomers => Enumerable.Range(0, _batch.Count).Where(place => _outcomes[place] is null);

    private async Task CompareAsync(CancellationToken cancellationToken)
    {
        var keyHashes = _batch.Select(p => p.KeyHash).ToList();
        var keys = _batch.Select(p => p.WireGuardKey).ToList();
        var names = _batch.Select(p => p.Name).ToList();
        var known = await _database.Peers.AsNoTracking()
            .Where(p => p.NetworkId == _network.Id && (keyHashes.Contains(p.CertificateKeyHash) || keys.Contains(p.WireGuardPublicKey) || names.Contains(p.Name)))
            .ToListAsync(cancellationToken);
        var revoked = await _database.Certificates.AsNoTracking()
            .Where(c => c.NetworkId == _network.Id && c.RevokedAt != null && keyHashes.Contains(c.KeyHash))
            .Select(c => c.KeyHash)
            .ToListAsync(cancellationToken);

        var replays = new List<(int Place, Peer Known)>();
        for (var place = 0; place < _batch.Count; place++)
        {
            var pending = _batch[place];
            if (known.Find(p => Same(p.CertificateKeyHash, pending.KeyHash)) is { } same)
            {
                replays.Add((place, same));
            }
            else if (Judge(pending, known, revoked) is { } refusal)
            {
                _outcomes[place] = refusal;
            }
        }

        if (replays.Count > 0)
        {
            await ReplayAsync(replays, cancellationToken);
        }
    }

    private static Refusal? Judge(PendingEnrollment pending, List<Peer> known, List<byte[]> revoked)
    {
        if (revoked.Exists(hash => Same(hash, pending.KeyHash)))
        {
            return new Refusal(ProblemCodes.PeerRevoked, "This machine's certificate key was revoked in the network. Remove its state and join with new keys, if the operator agrees.");
        }

        if (Same(pending.Network.HubPublicKey, pending.WireGuardKey) || known.Exists(p => Same(p.WireGuardPublicKey, pending.WireGuardKey)))
        {
            return new Refusal(ProblemCodes.WireGuardKeyInUse, "Another peer or the hub of this network holds this WireGuard key. Make a new one.");
        }

        return known.Exists(p => p.Name == pending.Name) ? NameTaken(pending) : null;
    }

    /// <summary>The same peer and a fresh certificate, even when the token is used up or over by now; not when an operator revoked it.</summary>
    private async Task ReplayAsync(List<(int Place, Peer Known)> replays, CancellationToken cancellationToken)
    {
        // Read again: one may have been revoked since we first looked.
        var tokens = replays.Select(r => _batch[r.Place].Token.Id).Distinct().ToList();
        var revoked = await _database.EnrollmentTokens.AsNoTracking()
            .Where(t => tokens.Contains(t.Id) && t.RevokedAt != null)
            .Select(t => t.Id)
            .ToListAsync(cancellationToken);
        foreach (var (place, known) in replays)
        {
            var pending = _batch[place];
            if (revoked.Contains(pending.Token.Id))
            {
                _outcomes[place] = new Refusal(ProblemCodes.EnrollmentTokenRevoked, $"The enrollment token {pending.Token.Prefix} was revoked.");
            }
            else if (known.EnrollmentTokenId != pending.Token.Id || !Same(known.WireGuardPublicKey, pending.WireGuardKey))
            {
                _outcomes[place] = new Refusal(ProblemCodes.CertificateKeyInUse, "This certificate key was enrolled in the network before, with another token or WireGuard key. Join with new keys.");
            }
            else
            {
                // The peer may have come between the first look and this transaction; then the certificate names nobody, and is not kept.
                if (known.Id == pending.PeerId)
                {
                    _database.Certificates.Add(pending.Certificate);
                }

                _outcomes[place] = known;
            }
        }
    }

    private async Task UseTokensAsync(CancellationToken cancellationToken)
    {
        foreach (var group in Newcomers.GroupBy(place => _batch[place].Token.Id).OrderBy(group => group.Key).ToList())
        {
            var places = group.ToList();
            var (used, refusal) = await UseTokenAsync(group.Key, places.Count, cancellationToken);
            foreach (var place in places.Skip(used))
            {
                _outcomes[place] = refusal!;
            }
        }
    }

    /// <summary>
    /// Takes so many uses, or as many as are left. The conditions hold in the statement itself, so two backends cannot share the last one.
    /// </summary>
    private async Task<(int Used, Refusal? Why)> UseTokenAsync(Guid id, int wanted, CancellationToken cancellationToken)
    {
        var take = wanted;
        while (true)
        {
            var taken = await _database.EnrollmentTokens
                .Where(t => t.Id == id && t.Used + take <= t.Uses && t.RevokedAt == null && t.ExpiresAt > _now)
                .ExecuteUpdateAsync(set => set.SetProperty(t => t.Used, t => t.Used + take), cancellationToken) == 1;
            if (taken && take == wanted)
            {
                return (take, null);
            }

            var current = await _database.EnrollmentTokens.AsNoTracking().SingleOrDefaultAsync(t => t.Id == id, cancellationToken);
            if (taken)
            {
                return (take, EnrollmentToken.Explain(current, _now));
            }

            // Not all of them: then those that are left, which others may take before us.
            take = current is null || current.RevokedAt is not null || current.ExpiresAt <= _now ? 0 : Math.Min(current.Uses - current.Used, wanted);
            if (take <= 0)
            {
                return (0, EnrollmentToken.Explain(current, _now));
            }
        }
    }

    /// <summary>Gives each newcomer a version and an address; gives the version that the network then has, null if it did not move.</summary>
    private async Task<long?> PlaceAsync(AddressPool addresses, CancellationToken cancellationToken)
    {
        var places = Newcomers.ToList();
        if (places.Count == 0)
        {
            return null;
        }

        if (await NetworkVersion.AdvanceAsync(_database, _network.Id, places.Count, places.Count, cancellationToken) is not { } ticket)
        {
            places.ForEach(place => _outcomes[place] = EnrollmentToken.Explain(null, _now));
            return null;
        }

        var before = ticket.Version - places.Count;
        var grant = await addresses.TakeAsync(_database, _network, ticket.Cursor - places.Count, places.Count, _now, cancellationToken);
        if (grant.Cursor != ticket.Cursor)
        {
            // The network is at its end. The row is ours until the commit: nobody has seen what it gave out too much.
            await NetworkVersion.SetAsync(_database, _network.Id, before + grant.Addresses.Count, grant.Cursor, cancellationToken);
        }

        await ReturnUsesAsync(places.Skip(grant.Addresses.Count), grant.Rest, cancellationToken);
        foreach (var (number, address) in grant.Addresses.Index())
        {
            _outcomes[places[number]] = Add(_batch[places[number]], address.GetAddressBytes(), before + number + 1);
        }

        return grant.Addresses.Count == 0 ? null : before + grant.Addresses.Count;
    }

    private async Task ReturnUsesAsync(IEnumerable<int> places, Refusal? refusal, CancellationToken cancellationToken)
    {
        foreach (var group in places.GroupBy(place => _batch[place].Token.Id).ToList())
        {
            var count = 0;
            foreach (var place in group)
            {
                _outcomes[place] = refusal!;
                count++;
            }

            await _database.EnrollmentTokens
                .Where(t => t.Id == group.Key)
                .ExecuteUpdateAsync(set => set.SetProperty(t => t.Used, t => t.Used - count), cancellationToken);
        }
    }

    private Peer Add(PendingEnrollment pending, byte[] address, long version)
    {
        var peer = new Peer
        {
            Id = pending.PeerId,
            NetworkId = _network.Id,
            Name = pending.Name,
            WireGuardPublicKey = pending.WireGuardKey,
            Address = address,
            CertificateKeyHash = pending.KeyHash,
            EnrollmentTokenId = pending.Token.Id,
            Ephemeral = pending.Token.Ephemeral,
            Tags = pending.Token.Tags,
            CreatedAt = _now,
        };
        _database.Peers.Add(peer);
        _database.Certificates.Add(pending.Certificate);
        _database.MapChanges.Add(new MapChangeRow { NetworkId = _network.Id, Version = version, PeerId = peer.Id, At = _now });
        _database.AuditEvents.Add(AuditEvent.Of(_now, $"enrollment-token:{pending.Token.Prefix}", "peer.joined", $"{peer.Name} {peer.IPAddress}", _network.Id, peer.Id));
        return peer;
    }

    private static bool Same(byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b);

    /// <summary>What became of each, in their order; and the network's version, if it moved.</summary>
    internal sealed record Result(IReadOnlyList<Outcome<Peer>> Outcomes, long? Version);
}
