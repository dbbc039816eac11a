using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Elysium.Client.State;

/// <summary>
/// Files that are whole or not there: written beside their place, synced, renamed onto it. Readable by their owner only.
/// </summary>
internal static class AtomicFile
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode OwnerOnlyDirectory = OwnerOnly | UnixFileMode.UserExecute;

    private const string TemporarySuffix = ".new";

    public static void Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text), durable: true);

    public static void WriteJson<T>(string path, T value, JsonTypeInfo<T> type) =>
        Write(path, JsonSerializer.SerializeToUtf8Bytes(value, type), durable: true);

    /// <summary>Whole for every reader, but not synced: for what the next run writes anew anyway.</summary>
    public static void WriteVolatileJson<T>(string path, T value, JsonTypeInfo<T> type) =>
        Write(path, JsonSerializer.SerializeToUtf8Bytes(value, type), durable: false);

    /// <summary>Null when there is no such file.</summary>
    /// <exception cref="JsonException">The file is damaged.</exception>
    public static T? ReadJson<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), type);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new JsonException($"{path} is damaged: {e.Message}", e);
        }
    }

    public static string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static void Write(string path, ReadOnlySpan<byte> bytes, bool durable)
    {
        var temporary = path + TemporarySuffix;

        // Left by a process that died here; its mode cannot be trusted, so it is never written through.
        File.Delete(temporary);
        using (var file = new FileStream(
            temporary,
            new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: durable);
        }

        File.Move(temporary, path, overwrite: true);
        if (durable)
        {
            Durability.SyncDirectory(Path.GetDirectoryName(path)!);
        }
    }
}
