using System.Buffers;

namespace Elysium.Linux.Netlink;

/// <summary>
/// Holds requests of any number and size: one, or a batch that is sent as one datagram. Pooled, and wiped when it goes back, because
/// requests carry private keys.
/// </summary>
internal sealed class MessageBuffer : IDisposable
{
    private const int FirstSize = 4096;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(FirstSize);

    /// <summary>Bytes of the finished messages.</summary>
    public int Length { get; private set; }

    /// <summary>The finished messages, one behind the other.</summary>
    public Span<byte> Messages => _bytes.AsSpan(0, Length);

    /// <summary>All that may be written to without growing.</summary>
    internal Span<byte> Storage => _bytes;

    /// <summary>Adds a message that was written elsewhere.</summary>
    public void Append(ReadOnlySpan<byte> message)
    {
        if (Length + message.Length > _bytes.Length)
        {
            Grow(Length, message.Length);
        }

        message.CopyTo(_bytes.AsSpan(Length));
        Length += message.Length;
    }

    /// <summary>Forgets the messages and keeps the memory.</summary>
    public void Clear() => Length = 0;

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes, clearArray: true);
        _bytes = [];
        Length = 0;
    }

    /// <summary>Moves what is written to a larger place.</summary>
    internal Span<byte> Grow(int written, int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(written + needed), 2 * _bytes.Length));
        _bytes.AsSpan(0, written).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes, clearArray: true);
        return _bytes = larger;
    }

    /// <summary>A message ends here.</summary>
    internal void Commit(int end) => Length = end;
}
