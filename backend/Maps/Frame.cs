using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Elysium.Backend.Maps;

/// <summary>
/// Bytes of the feed that many streams send: made once, and compressed once, by the first who asks for that. A member of its own (RFC 1952
/// §2.2 lets members follow each other), so no stream keeps a compressor's memory.
/// </summary>
internal class Frame(byte[] plain)
{
    private readonly Lazy<byte[]> _gzip = new(() => Compress(plain));

    public int Length => plain.Length;

    public ReadOnlyMemory<byte> Bytes(bool gzip) => gzip ? _gzip.Value : plain;

    /// <summary>A server-sent event (HTML Living Standard §9.2.6).</summary>
    public static byte[] Event<T>(string name, long? id, T data, JsonTypeInfo<T> type)
    {
        var head = Encoding.UTF8.GetBytes(Head(name, id));
        return [.. head, .. JsonSerializer.SerializeToUtf8Bytes(data, type), (byte)'\n', (byte)'\n'];
    }

    /// <summary>An event up to its data.</summary>
    public static string Head(string name, long? id) => id is { } version
        ? string.Create(CultureInfo.InvariantCulture, $"event: {name}\nid: {version}\ndata: ")
        : $"event: {name}\ndata: ";

    /// <summary>When the reader is to come back.</summary>
    public static Frame Retry(TimeSpan wait) => new(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"retry: {(long)wait.TotalMilliseconds}\n\n")));

    private static byte[] Compress(byte[] plain)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(plain);
        }

        return compressed.ToArray();
    }
}

/// <summary>
/// A change from one version to another. For whoever holds any version from <see cref="From"/> on: what is told twice changes nothing.
/// </summary>
internal sealed class ChangeFrame(long from, long to, byte[] plain) : Frame(plain)
{
    public long From => from;

    public long To => to;
}

/// <summary>The part of a whole map that all peers of a network share: everything but <c>self</c>, which each gets before it.</summary>
internal sealed class WholeMap(long version, byte[] rest) : Frame(rest)
{
    public long Version => version;
}
