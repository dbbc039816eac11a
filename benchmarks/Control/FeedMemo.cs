using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Elysium.Benchmarks.Control;

/// <summary>What is needed of a piece of the feed that holds whole events.</summary>
/// <param name="Versions">The ids of its events, in their order.</param>
/// <param name="Marks">The numbers of the marked machines it tells of.</param>
/// <param name="Retry">When to come back, if it says so.</param>
/// <param name="HasItem">Whether it holds an event at all.</param>
internal sealed record FeedPiece(long[] Versions, int[] Marks, TimeSpan? Retry, bool HasItem);

/// <summary>
/// Reads the feed once for all streams that got the same bytes: thousands of machines read theirs on thousands of processors, these share one.
/// What was not seen before is really unpacked and read.
/// </summary>
internal sealed class FeedMemo
{
    /// <summary>How the names of machines begin whose arrival is timed.</summary>
    public const string Mark = "mark";

    private const int MaxRemembered = 512;

    private readonly ConcurrentDictionary<(int Length, int Hash), (byte[] Bytes, FeedPiece Piece)> _known = new();

    public FeedPiece? Recall(ReadOnlySpan<byte> bytes) =>
        _known.TryGetValue(KeyOf(bytes), out var known) && bytes.SequenceEqual(known.Bytes) ? known.Piece : null;

    /// <summary>Null: there is more to come.</summary>
    public FeedPiece? Read(ReadOnlySpan<byte> bytes)
    {
        if (Recall(bytes) is { } known)
        {
            return known;
        }

        if (Unpack(bytes) is not { } text || !text.EndsWith("\n\n", StringComparison.Ordinal))
        {
            return null;
        }

        if (_known.Count >= MaxRemembered)
        {
            _known.Clear();
        }

        var piece = Parse(text);
        _known[KeyOf(bytes)] = (bytes.ToArray(), piece);
        return piece;
    }

    private static (int Length, int Hash) KeyOf(ReadOnlySpan<byte> bytes)
    {
        var hash = new HashCode();
        hash.AddBytes(bytes);
        return (bytes.Length, hash.ToHashCode());
    }

    // A gzip member ends with the length of what is in it (RFC 1952 §2.3.1): a piece that breaks off before is not taken for a whole one.
    private static string? Unpack(ReadOnlySpan<byte> bytes)
    {
        if (bytes is not [0x1F, 0x8B, ..])
        {
            return Encoding.UTF8.GetString(bytes);
        }

        using var packed = new GZipStream(new MemoryStream(bytes.ToArray()), CompressionMode.Decompress);
        var plain = new MemoryStream();
        try
        {
            packed.CopyTo(plain);
        }
        catch (InvalidDataException)
        {
            return null;
        }

        var last = bytes.Length < 18 ? 0 : BitConverter.ToUInt32(bytes[^4..]);
        return last > 0 && last <= plain.Length ? Encoding.UTF8.GetString(plain.GetBuffer().AsSpan(0, (int)plain.Length)) : null;
    }

    private static FeedPiece Parse(string text)
    {
        var versions = new List<long>();
        TimeSpan? retry = null;
        var hasItem = false;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                versions.Add(long.Parse(line[4..], CultureInfo.InvariantCulture));
            }
            else if (line.StartsWith("retry: ", StringComparison.Ordinal))
            {
                retry = TimeSpan.FromMilliseconds(long.Parse(line[7..], CultureInfo.InvariantCulture));
            }

            hasItem |= line.StartsWith("data: ", StringComparison.Ordinal);
        }

        return new FeedPiece([.. versions], [.. MarksIn(text).Order()], retry, hasItem);
    }

    private static IEnumerable<int> MarksIn(string text)
    {
        const string Start = $"\"name\":\"{Mark}-";
        for (var at = text.IndexOf(Start, StringComparison.Ordinal); at >= 0; at = text.IndexOf(Start, at, StringComparison.Ordinal))
        {
            at += Start.Length;
            yield return int.Parse(text.AsSpan(at, text.IndexOf('"', at) - at), CultureInfo.InvariantCulture);
        }
    }
}
