using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks.Sources;
using Elysium.Contracts;
using Microsoft.AspNetCore.Connections.Features;

namespace Elysium.Backend.Maps;

/// <summary>
/// One open event stream: a task that waits for one signal and then sends all that its reader lacks. It keeps no timer, no queue and no
/// compressor, because thousands of it are open: what it sends belongs to its <see cref="NetworkFeed"/>, and a tick for all looks after the rest.
/// </summary>
internal sealed class FeedStream(Guid id, Guid peerId, NetworkFeed feed, HttpContext http, bool gzip, DateTimeOffset expiresAt, TimeProvider time)
    : IValueTaskSource, IThreadPoolWorkItem
{
    private const int Idle = 0;
    private const int Waiting = 1;
    private const int Signalled = 2;

    /// <summary>A reader that stopped reading holds no more than this of a large write, and what Kestrel buffers.</summary>
    private const int Portion = 16 * 1024;

    private static readonly TimeSpan LongestWrite = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestWriteInDrain = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();

    /// <summary>Agents expect one every 15 s. Not all in the same instant: all streams fell silent at the same frame.</summary>
    private readonly int _pingAfterMs = RandomNumberGenerator.GetInt32(11_000, 14_000);

    private ManualResetValueTaskSourceCore<bool> _signal;
    private int _state;
    private bool _released;
    private volatile bool _ended;
    private volatile bool _owesPing;
    private volatile bool _owesWord;
    private volatile bool _mustRetry;
    private bool _failing;
    private Task<Lacking>? _reading;
    private Frame? _farewell;
    private long _epoch;
    private long _sent;
    private long _writingSince;
    private long _wroteAt = time.GetTimestamp();

    public Guid Id => id;

    public Guid PeerId => peerId;

    public NetworkFeed Feed => feed;

    /// <summary>Whether a write is on its way.</summary>
    public bool IsWriting => Volatile.Read(ref _writingSince) != 0;

    /// <summary>An older stream of the same peer, for <see cref="StreamRegistry"/>.</summary>
    public FeedStream? Older { get; set; }

    /// <summary>Runs until the reader, the peer's membership, its certificate or the backend ends it.</summary>
    /// <param name="version">One at which its peer was a member, and after which its removal would end this.</param>
    /// <param name="held">The version that the reader holds; 0: none.</param>
    public async Task RunAsync(long version, long held)
    {
        using var aborted = http.RequestAborted.UnsafeRegister(static s => ((FeedStream)s!).End(), this);
        var state = feed.State;

        // A version that we never had is from before a restored backup: start over.
        _epoch = state.Epoch;
        _sent = held <= Math.Max(state.Head, version) ? held : 0;
        _owesPing = _sent > 0 && state.Covers(_sent);
        _owesWord = feed.StaleSince is not null;
        try
        {
            while (!_ended)
            {
                if (Volatile.Read(ref _farewell) is { } farewell)
                {
                    await WriteAsync(farewell.Bytes(gzip));
                    return;
                }

                if (!await SendNextAsync())
                {
                    await WaitAsync();
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException || http.RequestAborted.IsCancellationRequested)
        {
            // The reader is gone.
        }
    }

    /// <summary>Ends it: nothing more is told. A write that is in flight gets until the next tick.</summary>
    public void End()
    {
        _ended = true;
        Signal();
    }

    /// <summary>Ends it with a word on when to come back.</summary>
    public void Drain(Frame farewell)
    {
        Volatile.Write(ref _farewell, farewell);
        Signal();
    }

    /// <summary>The request ends: from here on its context is another's.</summary>
    public void Release()
    {
        _ended = true;
        lock (_gate)
        {
            _released = true;
        }
    }

    /// <summary>Makes it send a ping when it is next woken, also to a reader that gets something else: whether we are stale has changed.</summary>
    public void OweWord() => _owesWord = true;

    /// <summary>Once a second: what each stream would otherwise need timers for.</summary>
    public void Tick()
    {
        if (Volatile.Read(ref _writingSince) is not 0 and var since)
        {
            if (_ended || time.GetElapsedTime(since) > (Volatile.Read(ref _farewell) is null ? LongestWrite : LongestWriteInDrain))
            {
                Abort();
            }
        }
        else if (time.GetUtcNow() >= expiresAt)
        {
            End();
        }
        else if (time.GetElapsedTime(Volatile.Read(ref _wroteAt)).TotalMilliseconds > _pingAfterMs)
        {
            _mustRetry = false;
            _owesPing = true;
            Signal();
        }
        else if (_mustRetry)
        {
            _mustRetry = false;
            Signal();
        }
    }

    /// <summary>Wakes it on a thread of the pool.</summary>
    public void Signal()
    {
        if (TakeWaiter())
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Wakes it here and now, and returns when it waits again: for <see cref="Fanout"/>.</summary>
    public void WakeHere()
    {
        if (TakeWaiter())
        {
            _signal.SetResult(true);
        }
    }

    void IThreadPoolWorkItem.Execute() => _signal.SetResult(true);

    void IValueTaskSource.GetResult(short token) => _signal.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _signal.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, flags);

    private ValueTask WaitAsync()
    {
        _signal.Reset();
        if (Interlocked.CompareExchange(ref _state, Waiting, Idle) == Idle)
        {
            return new ValueTask(this, _signal.Version);
        }

        // Signalled while it was at work: whoever did so published first, and is seen in the next round.
        Interlocked.Exchange(ref _state, Idle);
        return ValueTask.CompletedTask;
    }

    private bool TakeWaiter()
    {
        while (true)
        {
            switch (Volatile.Read(ref _state))
            {
                case Signalled:
                    return false;
                case Idle when Interlocked.CompareExchange(ref _state, Signalled, Idle) == Idle:
                    return false;
                case Waiting when Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting:
                    return true;
            }
        }
    }

    /// <summary>Sends what the reader lacks, all of it that there is by now; false when that is nothing.</summary>
    private async ValueTask<bool> SendNextAsync()
    {
        var state = feed.State;
        if (_epoch != state.Epoch)
        {
            (_epoch, _sent, _reading) = (state.Epoch, 0, null);
        }

        if (_sent == 0 || (_sent < state.Head && !state.Covers(_sent)))
        {
            if (await ResyncAsync())
            {
                return true;
            }
        }
        else if (_sent < state.Head)
        {
            var to = _sent;
            var pending = 0;
            for (var next = state.FirstAfter(_sent); next < state.Ring.Length; next++)
            {
                var frame = state.Ring[next];
                var bytes = frame.Bytes(gzip);
                if (pending + bytes.Length > Portion && pending > 0)
                {
                    await FlushAsync();
                    _sent = to;
                    pending = 0;
                }

                await PutAsync(bytes);
                pending = (pending + bytes.Length) % Portion;
                to = frame.To;
            }

            await FlushAsync();
            _sent = to;
            return true;
        }

        if (_owesPing || _owesWord)
        {
            _owesWord = false;
            await WriteAsync(feed.Ping.Bytes(gzip));
            return true;
        }

        return false;
    }

    /// <summary>
    /// The reader is new, or so far behind that the ring has forgotten: one difference or one whole map, shared with whoever lacks the same. While
    /// that is read, or cannot be, false: a database that does not answer keeps nobody from a ping or a farewell.
    /// </summary>
    private async ValueTask<bool> ResyncAsync()
    {
        if (_reading is null)
        {
            if (_mustRetry)
            {
                return false;
            }

            _reading = ReadLackingAsync();
            if (!_reading.IsCompleted)
            {
                _reading.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(Signal);
                return false;
            }
        }
        else if (!_reading.IsCompleted)
        {
            return false;
        }

        var (lacking, whole, read, failed) = await _reading;
        _reading = null;
        if (failed != _failing)
        {
            // A reader is told that it is told nothing.
            feed.Lacks(this, failed);
            _failing = failed;
            _owesPing |= failed;
        }

        if (failed)
        {
            // The next tick tries again.
            _mustRetry = true;
            return false;
        }

        if (_ended)
        {
            return true;
        }

        if (lacking is not null)
        {
            await WriteAsync(lacking.Bytes(gzip));
            _sent = lacking.To;
        }
        else if (read is null || whole is null)
        {
            _ended = true;
        }
        else
        {
            var head = new Frame([.. Encoding.UTF8.GetBytes(Frame.Head(FeedEvents.Map, whole.Version)), .. HeadOf(read)]);
            await PutAsync(head.Bytes(gzip));
            await WriteAsync(whole.Bytes(gzip));
            _sent = whole.Version;
        }

        return true;
    }

    private async Task<Lacking> ReadLackingAsync()
    {
        try
        {
            if (_sent > 0 && await feed.CatchUp.SinceAsync(_sent) is { } change)
            {
                return new Lacking(change, null, null);
            }

            var whole = await feed.CatchUp.WholeAsync();
            return new Lacking(null, whole, (await feed.CatchUp.MemberAsync(peerId, CancellationToken.None))?.Self);
        }
        catch (Exception e)
        {
            // Nothing is sent of what could not be read.
            if (!_ended)
            {
                feed.Failed(e);
            }

            return new Lacking(null, null, null, Failed: true);
        }
    }

    /// <summary>The beginning of a whole map's JSON: the only part that is one peer's.</summary>
    public static byte[] HeadOf(MapSelf self) =>
        [.. "{\"self\":"u8, .. JsonSerializer.SerializeToUtf8Bytes(self, ElysiumJson.Default.MapSelf), (byte)','];

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        await PutAsync(bytes);
        await FlushAsync();
    }

    /// <summary>Puts bytes on their way; large ones in portions, each gone before the next.</summary>
    private async ValueTask PutAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > Portion)
        {
            http.Response.BodyWriter.Write(bytes.Span[..Portion]);
            await FlushAsync();
            bytes = bytes[Portion..];
        }

        http.Response.BodyWriter.Write(bytes.Span);
    }

    private async ValueTask FlushAsync()
    {
        Volatile.Write(ref _writingSince, time.GetTimestamp());
        try
        {
            // Whatever is sent is a sign of life.
            _owesPing = false;

            // Ended since, perhaps by somebody who saw no write in flight.
            var flushed = _ended ? throw new OperationCanceledException() : await http.Response.BodyWriter.FlushAsync();
            if (flushed.IsCompleted || flushed.IsCanceled || _ended)
            {
                throw new OperationCanceledException();
            }
        }
        finally
        {
            Volatile.Write(ref _wroteAt, time.GetTimestamp());
            Volatile.Write(ref _writingSince, 0);
        }
    }

    /// <summary>The whole connection, not only this stream of it: one that takes no bytes is dead for its other requests too.</summary>
    private void Abort()
    {
        lock (_gate)
        {
            if (!_released)
            {
                http.Features.Get<IConnectionLifetimeFeature>()?.Abort();
                http.Abort();
            }
        }
    }

    /// <summary>What was read: a difference, or a whole map and what it begins with.</summary>
    private sealed record Lacking(ChangeFrame? Change, WholeMap? Whole, MapSelf? Self, bool Failed = false);
}
