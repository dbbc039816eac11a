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

                reading = _reading ??= Task.Run(ReadAsync);
            }

            // One that was under way already may be from before what is asked for.
            var read = await reading;
            if (read is null || read.Version >= atLeast || last)
            {
                return read;
            }
        }
    }

    /// <summary>What changed since a version; null when that cannot be told any more.</summary>
    public async Task<ChangeFrame?> SinceAsync(long held)
    {
        Difference? wanted;
        lock (_lock)
        {
            _differences.RemoveAll(d => d.Reading.IsCompleted && !(d.Reading.IsCompletedSuccessfully && d.Reading.Result is { } frame && _state.Covers(frame.To)));
            wanted = _differences.Find(d => d.Serves(held));
            if (wanted is null)
            {
                wanted = new Difference(held, Task.Run(async () => (await maps.ChangesAsync(network, held, CancellationToken.None))?.Frame));
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

    private async Task<WholeMap?> ReadAsync()
    {
        try
        {
            var read = (await maps.SharedAsync(network, CancellationToken.None))?.Map;
            lock (_lock)
            {
                _whole = read;
            }

            // Here, where nobody waits for it in a queue of the pool.
            read?.Bytes(gzip: true);
            return read;
        }
        finally
        {
            lock (_lock)
            {
                _reading = null;
            }
        }
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
