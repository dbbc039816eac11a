namespace Elysium.Backend.Maps;

/// <summary>
/// What those get who lack more than the ring has, read and compressed once however many ask: thousands that come back after a restart with
/// the same version cost one reading. A copy that is older than the head serves as long as the ring leads on from it.
/// </summary>
internal sealed class CatchUp(Guid network, MapReader maps)
{
    private const int MostDifferences = 16;

    /// <summary>Who holds a little more than a difference begins with is told a little twice, instead of having one read anew.</summary>
    private const int Slack = 256;

    private readonly Lock _lock = new();
    private readonly List<Difference> _differences = [];
    private WholeMap? _whole;
    private Task<WholeMap?>? _reading;
    private FeedState _state = new(0, 0, []);

    /// <summary>Whoever holds this or less gets a whole map: the log has been asked, and begins later.</summary>
    private long _forgotten;

    public FeedState State
    {
        set
        {
            lock (_lock)
            {
                _state = value;
            }
        }
    }

    public void StartOver(FeedState state, WholeMap whole)
    {
        lock (_lock)
        {
            _state = state;
            _whole = whole;
            _reading = null;
            _forgotten = 0;
            _differences.Clear();
        }
    }

    /// <summary>A whole map; null when the network is gone.</summary>
    /// <param name="atLeast">The version that it must show.</param>
    /// <param name="fresh">Whether it must be read now: somebody doubts what we have.</param>
    public async Task<WholeMap?> WholeAsync(long atLeast = 0, bool fresh = false)
    {
        for (var last = false; ; last = true)
        {
            Task<WholeMap?> reading;
            lock (_lock)
            {
                if (!fresh && _whole is { } known && known.Version >= atLeast && Serves(known))
                {
                    return known;
                }

                var epoch = _state.Epoch;
                reading = _reading ??= Task.Run(() => ReadAsync(epoch));
            }

            // One that was under way already may be from before what is asked for.
            var read = await reading;
            if (read is null || read.Version >= atLeast || last)
            {
                return read;
            }
        }
    }

    /// <summary>What changed since a version, all of it up to the head; null when that is too much, or cannot be told any more.</summary>
    public async Task<ChangeFrame?> SinceAsync(long held)
    {
        Difference? wanted;
        lock (_lock)
        {
            if (held <= _forgotten || _state.Head - held > MapReader.MostChanges)
            {
                return null;
            }

            _differences.RemoveAll(d => d.Reading.IsCompleted && !(d.Reading.IsCompletedSuccessfully && d.Reading.Result is { } frame && _state.Covers(frame.To)));
            wanted = _differences.Find(d => d.Serves(held));
            if (wanted is null)
            {
                var epoch = _state.Epoch;
                wanted = new Difference(held, Task.Run(() => ReadSinceAsync(held, epoch)));
                _differences.Add(wanted);
                if (_differences.Count > MostDifferences)
                {
                    _differences.RemoveAt(0);
                }
            }
        }

        return await wanted.Reading;
    }

    public Task<Member?> MemberAsync(Guid peer, CancellationToken cancellationToken) => maps.MemberAsync(network, peer, cancellationToken);

    private async Task<WholeMap?> ReadAsync(long epoch)
    {
        var begun = epoch;
        try
        {
            while (true)
            {
                var read = (await maps.SharedAsync(network, CancellationToken.None))?.Map;

                // Here, where nobody waits for it in a queue of the pool.
                read?.Bytes(gzip: true);
                lock (_lock)
                {
                    if (epoch == _state.Epoch)
                    {
                        _whole = read;
                        return read;
                    }

                    // From a history that was replaced meanwhile.
                    epoch = _state.Epoch;
                }
            }
        }
        finally
        {
            lock (_lock)
            {
                // Of a later epoch: another's.
                _reading = begun == _state.Epoch ? null : _reading;
            }
        }
    }

    private async Task<ChangeFrame?> ReadSinceAsync(long held, long epoch)
    {
        var read = (await maps.ChangesAsync(network, held, CancellationToken.None))?.Frame;
        read?.Bytes(gzip: true);
        lock (_lock)
        {
            if (read is null && epoch == _state.Epoch)
            {
                _forgotten = Math.Max(_forgotten, held);
            }
        }

        return read;
    }

    /// <summary>Whether the ring leads on from it, and is not half as long again.</summary>
    private bool Serves(WholeMap whole)
    {
        if (!_state.Covers(whole.Version))
        {
            return false;
        }

        var more = 0L;
        for (var i = _state.FirstAfter(whole.Version); i < _state.Ring.Length; i++)
        {
            more += _state.Ring[i].Length;
        }

        return more <= Math.Max(64 * 1024, whole.Length / 2);
    }

    private sealed record Difference(long From, Task<ChangeFrame?> Reading)
    {
        public bool Serves(long held) => From <= held && held - From <= Slack && (!Reading.IsCompleted || Reading.Result is { } frame && frame.To > held);
    }
}
