using System.Buffers;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Elysium.Linux;

/// <summary>
/// One exchange with an engine over its socket. What is written goes out whenever the buffer is full, and what comes in passes
/// through the same buffer: neither a request nor an answer is ever whole in memory. The buffer held keys and is wiped.
/// </summary>
internal sealed class UapiConnection : IBufferWriter<byte>, IDisposable
{
    // Somewhat less than a Unix socket takes at once (net.core.wmem_default).
    private const int BufferLength = 128 * 1024;

    // 20,000 peers with a few prefixes each stay below 16 MiB.
    private const long LongestAnswer = 64 * 1024 * 1024;

    private static readonly TimeSpan AlmostOver = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
    private readonly string _name;
    private readonly TimeProvider _time;
    private readonly TimeSpan _limit;
    private readonly long _started;

    // What was written and not sent, or what was received and not used.
    private int _begin;
    private int _end;
    private long _total;
    private bool _deaf;

    /// <summary>Connects.</summary>
    /// <param name="name">The interface.</param>
    /// <param name="path">The socket of its engine.</param>
    /// <param name="time">The clock that the limit is measured by.</param>
    /// <param name="limit">How long the whole exchange may take.</param>
    public UapiConnection(string name, string path, TimeProvider time, TimeSpan limit)
    {
        (_name, _time, _limit, _started) = (name, time, limit, time.GetTimestamp());
        try
        {
            _socket.SendTimeout = Remaining();
            _socket.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What came and was not used.</summary>
    public ReadOnlySpan<byte> Received => _buffer.AsSpan(_begin, _end - _begin);

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_buffer.Length - _end < Math.Max(sizeHint, 1))
        {
            Flush();
        }

        return _buffer.AsMemory(_end);
    }

    /// <inheritdoc/>
    public void Advance(int count) => _end += count;

    /// <summary>Sends what was written. An engine that stopped listening has perhaps refused: then it has said so.</summary>
    public void Flush()
    {
        try
        {
            while (_begin < _end && !_deaf)
            {
                _socket.SendTimeout = Remaining();
                _begin += _socket.Send(_buffer, _begin, _end - _begin, SocketFlags.None);
            }
        }
        catch (SocketException exception) when (IsGone(exception))
        {
            _deaf = true;
        }

        (_begin, _end) = (0, 0);
    }

    /// <summary>Waits for more of the answer.</summary>
    /// <returns>False: the engine hung up without a word.</returns>
    /// <exception cref="WireGuardEngineException">It hung up in the middle, says too much, or takes too long.</exception>
    public bool Receive()
    {
        Received.CopyTo(_buffer);
        (_begin, _end) = (0, _end - _begin);
        if (_end == _buffer.Length || _total > LongestAnswer)
        {
            throw Stuck("says more than an engine can have to say");
        }

        var received = 0;
        try
        {
            _socket.ReceiveTimeout = Remaining();
            received = _socket.Receive(_buffer, _end, _buffer.Length - _end, SocketFlags.None);
        }
        catch (SocketException exception) when (IsGone(exception))
        {
        }

        _end += received;
        _total += received;
        return received > 0 || (_total == 0 ? false : throw Stuck("hung up in the middle of its answer"));
    }

    /// <summary>Says how much of <see cref="Received"/> was used.</summary>
    public void Use(int count) => _begin += count;

    /// <summary>Makes sure that the engine has heard all of the request: one that stopped listening cannot have done it.</summary>
    /// <exception cref="WireGuardEngineException">It has not.</exception>
    public void ThrowIfUnheard()
    {
        if (_deaf)
        {
            throw Stuck("stopped listening in the middle of a change");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        CryptographicOperations.ZeroMemory(_buffer);
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    // When an engine hangs up after a part was sent, .NET reports EPIPE as a time limit that is over; it is not.
    private bool IsGone(SocketException exception) =>
        exception.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown
        || (exception.SocketErrorCode == SocketError.TimedOut && _limit - _time.GetElapsedTime(_started) > AlmostOver);

    private int Remaining()
    {
        var left = _limit - _time.GetElapsedTime(_started);
        return left > TimeSpan.FromMilliseconds(1) ? (int)left.TotalMilliseconds : throw Stuck($"did not answer within {_limit.TotalSeconds} s");
    }

    private WireGuardEngineException Stuck(string what) => new(EngineFailure.NotAnswering, $"The engine of {_name} {what} ({UserspaceWireGuard.SocketOf(_name)}).");
}
