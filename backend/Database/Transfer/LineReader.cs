namespace Elysium.Backend.Database.Transfer;

/// <summary>A file that is not what an export writes; the message says why, and goes on behind the line's number.</summary>
internal sealed class TransferException(string message) : Exception(message);

/// <summary>Lines of a stream, as bytes, none longer than a limit.</summary>
internal sealed class LineReader(Stream stream, int limit)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>The number of the line that was read last; the first is 1.</summary>
    public long Number { get; private set; }

    /// <summary>How many bytes came out of the stream.</summary>
    public long Length { get; private set; }

    /// <summary>The next line with its line feed, good until the next call; empty at the end of the stream.</summary>
    /// <exception cref="TransferException">The line has no end, or one too far away.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        var looked = 0;
        while (true)
        {
            var at = _buffer.AsSpan(_start + looked, _end - _start - looked).IndexOf((byte)'\n');
            if (at >= 0)
            {
                var line = _buffer.AsMemory(_start, looked + at + 1);
                _start += line.Length;
                Number++;
                return line;
            }

            looked = _end - _start;
            if (looked >= limit)
            {
                Number++;
                throw new TransferException($"it is longer than {limit / 1024} KiB");
            }

            MakeRoom();
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (read == 0)
            {
                if (looked == 0)
                {
                    return default;
                }

                Number++;
                throw new TransferException("it is cut off");
            }

            _end += read;
            Length += read;
        }
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        else if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, limit + 1));
        }
    }
}
