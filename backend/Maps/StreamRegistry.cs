namespace Elysium.Backend.Maps;

/// <summary>The event streams that are open here, by peer; when each peer was last heard; and what of that is not in the database yet.</summary>
internal sealed class StreamRegistry(TimeProvider time)
{
    /// <summary>A row that says "connected" counts as long as it is not older than <see cref="PeerPresence.FreshFor"/>.</summary>
    private static readonly TimeSpan RefreshEvery = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    /// <summary>Streams of one peer: an agent has one, and another while it notices that the first is dead.</summary>
    private const int MostOfOne = 4;

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, Presence> _peers = [];

    public void Open(FeedStream stream)
    {
        FeedStream? tooMany = stream;
        lock (_lock)
        {
            var presence = Of(stream.PeerId);
            stream.Older = presence.Newest;
            presence.Newest = stream;
            presence.LastStream = stream.Id;
            presence.SeenAt = time.GetUtcNow();
            presence.IsTold = false;
            for (var newer = 0; newer < MostOfOne; newer++)
            {
                tooMany = tooMany?.Older;
            }
        }

        tooMany?.End();
    }

    /// <summary>A late end of an old stream takes nothing from a newer one.</summary>
    public void Close(FeedStream stream)
    {
        lock (_lock)
        {
            // Cut: forgotten already.
            if (_peers.TryGetValue(stream.PeerId, out var presence) && presence.Remove(stream))
            {
                presence.SeenAt = time.GetUtcNow();
                presence.IsTold = false;
            }
        }
    }

    public void Seen(Guid peer)
    {
        lock (_lock)
        {
            Of(peer).SeenAt = time.GetUtcNow();
        }
    }

    /// <summary>What is known here; null: nothing.</summary>
    public (bool IsConnected, DateTimeOffset SeenAt, Guid? TellsOf)? Look(Guid peer)
    {
        lock (_lock)
        {
            return _peers.TryGetValue(peer, out var presence) ? (presence.Newest is not null, presence.SeenAt, presence.LastStream) : null;
        }
    }

    public bool IsConnected(Guid peer) => Look(peer) is { IsConnected: true };

    /// <summary>Ends every stream of a peer that is out, and forgets it.</summary>
    public void Cut(Guid peer)
    {
        FeedStream? stream;
        lock (_lock)
        {
            stream = _peers.Remove(peer, out var presence) ? presence.Newest : null;
        }

        for (; stream is not null; stream = stream.Older)
        {
            stream.End();
        }
    }

    /// <summary>What the database is to be told now, in the order of the peers, so that two backends do not wait for each other in a circle.</summary>
    public IReadOnlyList<PresenceNote> Notes(int most)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var notes = new List<PresenceNote>();
            foreach (var (peer, presence) in _peers)
            {
                if (notes.Count == most)
                {
                    break;
                }

                if (presence.Note(peer, now) is { } note)
                {
                    notes.Add(note);
                }
                else if (presence.Newest is null && now - presence.SeenAt > Memory)
                {
                    _peers.Remove(peer);
                }
            }

            notes.Sort(static (a, b) => a.PeerId.CompareTo(b.PeerId));
            return notes;
        }
    }

    /// <summary>The database knows.</summary>
    public void Told(PresenceNote note)
    {
        lock (_lock)
        {
            if (_peers.TryGetValue(note.PeerId, out var presence))
            {
                presence.Told(note, time.GetUtcNow());
            }
        }
    }

    private Presence Of(Guid peer)
    {
        if (!_peers.TryGetValue(peer, out var presence))
        {
            _peers[peer] = presence = new Presence();
        }

        return presence;
    }

    private sealed class Presence
    {
        private Guid? _written;
        private DateTimeOffset _toldSeenAt;

        public FeedStream? Newest { get; set; }

        /// <summary>Opened last, open or not: a row about it is older news than what is known here.</summary>
        public Guid? LastStream { get; set; }

        public DateTimeOffset SeenAt { get; set; }

        /// <summary>Whether the database knows which stream is open.</summary>
        public bool IsTold { get; set; } = true;

        public bool Remove(FeedStream stream)
        {
            if (Newest == stream)
            {
                Newest = stream.Older;
                return true;
            }

            for (var newer = Newest; newer is not null; newer = newer.Older)
            {
                if (newer.Older == stream)
                {
                    newer.Older = stream.Older;
                    return true;
                }
            }

            return false;
        }

        public PresenceNote? Note(Guid peer, DateTimeOffset now)
        {
            // The end of the stream that the row tells of, before anything about another: the row then is free for it.
            if (!IsTold && _written is { } written && !IsOpen(written))
            {
                return new PresenceNote(peer, written, Connected: false, SeenAt);
            }

            if (Newest is { } open)
            {
                return !IsTold || now - _toldSeenAt >= RefreshEvery ? new PresenceNote(peer, open.Id, Connected: true, now) : null;
            }

            // A heartbeat without a stream, or a stream that came and went between two tellings.
            IsTold = true;
            return SeenAt - _toldSeenAt >= RefreshEvery ? new PresenceNote(peer, Guid.Empty, Connected: false, SeenAt) : null;
        }

        public void Told(PresenceNote note, DateTimeOffset now)
        {
            _toldSeenAt = note.Connected ? now : note.SeenAt;
            _written = note.Connected ? note.StreamId : note.StreamId == _written ? null : _written;
            IsTold = note.Connected ? Newest?.Id == note.StreamId : Newest is null && _written is null;
        }

        private bool IsOpen(Guid stream)
        {
            for (var open = Newest; open is not null; open = open.Older)
            {
                if (open.Id == stream)
                {
                    return true;
                }
            }

            return false;
        }
    }
}

/// <summary>What the database is to know of a peer.</summary>
/// <param name="PeerId">The peer.</param>
/// <param name="StreamId">The stream that opened or ended; empty: it was heard without one.</param>
/// <param name="Connected">Whether the stream is open.</param>
/// <param name="SeenAt">When the peer was heard, by this backend's clock.</param>
internal sealed record PresenceNote(Guid PeerId, Guid StreamId, bool Connected, DateTimeOffset SeenAt);
