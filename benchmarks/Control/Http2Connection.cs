using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;

namespace Elysium.Benchmarks.Control;

/// <summary>
/// One connection of a machine: real TLS, and just enough of HTTP/2 (RFC 9113) to hold thousands in a process without taking the processor from
/// what they measure.
/// </summary>
internal sealed class Http2Connection : IDisposable
{
    private const int HeaderSize = 9;
    private const int MaxFrame = 16 * 1024;
    private const int Window = 1024 * 1024;

    // ENABLE_PUSH 0, INITIAL_WINDOW_SIZE 1 MiB; the connection's window is raised by a WINDOW_UPDATE of its own.
    private static readonly byte[] Opening =
    [
        .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8,
        0, 0, 12, (byte)FrameType.Settings, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 4, 0, Window >> 16, 0, 0,
        0, 0, 4, (byte)FrameType.WindowUpdate, 0, 0, 0, 0, 0, 0, Window >> 16, 0, 0,
    ];

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15); // as the agent's

    private readonly SslStream _tls;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private byte[] _buffer = new byte[1024];
    private int _start;
    private int _end;
    private int _consumed;
    private int _lastStream = -1;

    private Http2Connection(SslStream tls) => _tls = tls;

    public static async Task<Http2Connection> OpenAsync(
        Target target, SslStreamCertificateContext? identity, Action<int> received, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(ConnectTimeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var socket = new Socket(target.Endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        SslStream? tls = null;
        try
        {
            await socket.ConnectAsync(target.Endpoint, either.Token);
            tls = new SslStream(new CountedStream(socket, received));
            await tls.AuthenticateAsClientAsync(target.TlsOptions(identity), either.Token);
            if (tls.NegotiatedApplicationProtocol != SslApplicationProtocol.Http2)
            {
                throw new IOException("The server speaks no HTTP/2.");
            }

            await tls.WriteAsync(Opening, either.Token);
            return new Http2Connection(tls);
        }
        catch (Exception e)
        {
            tls?.Dispose();
            socket.Dispose();
            if (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException("No connection within 15 s.", e);
            }

            throw;
        }
    }

    /// <summary>Sends a request; its answer comes in frames of the stream whose number this gives.</summary>
    public async Task<int> SendAsync(byte[] headers, ReadOnlyMemory<byte> body = default)
    {
        await _writing.WaitAsync();
        try
        {
            var stream = _lastStream += 2;
            var bodySize = body.IsEmpty ? 0 : HeaderSize + body.Length;
            var message = new byte[HeaderSize + headers.Length + bodySize];
            var flags = body.IsEmpty ? Http2Frame.EndHeaders | Http2Frame.EndStream : Http2Frame.EndHeaders;
            Put(message, FrameType.Headers, (byte)flags, stream, headers);
            if (!body.IsEmpty)
            {
                Put(message.AsSpan(HeaderSize + headers.Length), FrameType.Data, Http2Frame.EndStream, stream, body.Span);
            }

            await _tls.WriteAsync(message);
            return stream;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>A request and its whole answer, on a connection that does nothing else.</summary>
    public async Task<(int Status, ReadOnlyMemory<byte> Body)> ExchangeAsync(byte[] headers, ReadOnlyMemory<byte> body)
    {
        var stream = await SendAsync(headers, body);
        var answer = new MemoryStream();
        var status = 0;
        while (true)
        {
            var frame = await ReadAsync();
            if (frame.Stream != stream)
            {
                continue;
            }

            switch (frame.Type)
            {
                case FrameType.Headers when status == 0:
                    status = Hpack.Status(frame.Payload.Span);
                    break;
                case FrameType.Data:
                    answer.Write(frame.Payload.Span);
                    break;
                case FrameType.Reset:
                    throw new IOException("The server gave the request up.");
            }

            if (frame.Ends)
            {
                return (status, answer.GetBuffer().AsMemory(0, (int)answer.Length));
            }
        }
    }

    /// <summary>The next frame of a request; what belongs to the connection is dealt with here.</summary>
    /// <exception cref="IOException">The connection ended.</exception>
    public async ValueTask<Http2Frame> ReadAsync()
    {
        while (true)
        {
            while (TryTake(out var frame))
            {
                switch (frame.Type)
                {
                    case FrameType.Settings when !frame.Ends:
                        await WriteAsync(FrameType.Settings, Http2Frame.EndStream, []);
                        break;
                    case FrameType.Ping when !frame.Ends:
                        await WriteAsync(FrameType.Ping, Http2Frame.EndStream, frame.Payload.ToArray());
                        break;
                    case FrameType.Data:
                        await CreditAsync(frame);
                        return frame;
                    case FrameType.Headers or FrameType.Reset or FrameType.Continuation:
                        return frame;
                }
            }

            await FillAsync();
        }
    }

    public void Dispose() => _tls.Dispose();

    private bool TryTake(out Http2Frame frame)
    {
        var waiting = _buffer.AsMemory(_start, _end - _start);
        frame = default;
        if (waiting.Length < HeaderSize)
        {
            return false;
        }

        var head = waiting.Span;
        var length = (head[0] << 16) | (head[1] << 8) | head[2];
        if (waiting.Length < HeaderSize + length)
        {
            return false;
        }

        var stream = BinaryPrimitives.ReadInt32BigEndian(head[5..]) & int.MaxValue;
        frame = new Http2Frame((FrameType)head[3], head[4], stream, waiting.Slice(HeaderSize, length));
        _start += HeaderSize + length;
        return true;
    }

    private async ValueTask FillAsync()
    {
        if (_start == _end)
        {
            _start = _end = 0;

            // Waits without holding a buffer in the TLS stream: most connections are idle most of the time.
            _ = await _tls.ReadAsync(Memory<byte>.Empty);
        }
        else if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Min(_buffer.Length * 4, HeaderSize + MaxFrame));
        }

        var read = await _tls.ReadAsync(_buffer.AsMemory(_end));
        _end += read > 0 ? read : throw new EndOfStreamException("The server closed the connection.");
    }

    private async ValueTask CreditAsync(Http2Frame data)
    {
        _consumed += data.Payload.Length;
        if (_consumed < Window / 2)
        {
            return;
        }

        var credit = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(credit, _consumed);
        _consumed = 0;
        await WriteAsync(FrameType.WindowUpdate, 0, credit);
        if (!data.Ends)
        {
            await WriteAsync(FrameType.WindowUpdate, 0, credit, data.Stream);
        }
    }

    private async Task WriteAsync(FrameType type, byte flags, byte[] payload, int stream = 0)
    {
        var message = new byte[HeaderSize + payload.Length];
        Put(message, type, flags, stream, payload);
        await _writing.WaitAsync();
        try
        {
            await _tls.WriteAsync(message);
        }
        finally
        {
            _writing.Release();
        }
    }

    private static void Put(Span<byte> message, FrameType type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteInt32BigEndian(message, payload.Length << 8);
        message[3] = (byte)type;
        message[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(message[5..], stream);
        payload.CopyTo(message[HeaderSize..]);
    }
}
