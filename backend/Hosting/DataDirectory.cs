using Elysium.Linux;

namespace Elysium.Backend.Hosting;

/// <summary>
/// The folder with everything that the backend keeps: its database, its CA, its bootstrap token. 0700, and held by one process at
/// a time: two would hand out the same addresses.
/// </summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream lockFile)
    {
        Root = path;
        _lock = lockFile;
    }

    public string Root { get; }

    public string Pki => Path.Combine(Root, "pki");

    public string Engines => Path.Combine(Root, "engines");

    public static string DatabaseIn(string root) => Path.Combine(root, "elysium.db");

    public static string AdminTokenIn(string root) => Path.Combine(root, "admin-token");

    /// <summary>Makes the folder where it is missing and takes it for this process.</summary>
    public static Outcome<DataDirectory> Take(string path)
    {
        try
        {
            Directory.CreateDirectory(path);

            // Also when it was there before: the database in it is readable to whoever can enter.
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var lockFile = new FileStream(
                Path.Combine(path, "lock"),
                new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.None,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                });
            return new DataDirectory(path, lockFile);
        }
        catch (UnauthorizedAccessException)
        {
            return new Refusal("data_directory", $"The data folder {path} cannot be written by this user ({Environment.UserName}). Run as root, or set ELYSIUM_DATA_DIR.");
        }
        catch (IOException e) when (e.Message.Contains("being used by another process", StringComparison.Ordinal))
        {
            return new Refusal("data_directory", $"The data folder {path} is held by another elysium-backend. Stop that one, or set ELYSIUM_DATA_DIR.");
        }
        catch (IOException e)
        {
            return new Refusal("data_directory", $"The data folder {path} cannot be used: {e.Message} Set ELYSIUM_DATA_DIR.");
        }
    }

    /// <summary>Writes a secret so that it is there whole, 0600 and on disk, or not at all.</summary>
    public static void WriteSecret(string path, ReadOnlySpan<byte> content)
    {
        var unfinished = path + ".new";
        File.Delete(unfinished);
        using (var file = new FileStream(
            unfinished,
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path, overwrite: true);

        // The rename too: without this a power cut may undo it, and what was sealed with a key that never was cannot be opened.
        Durability.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    public void Dispose() => _lock.Dispose();
}
