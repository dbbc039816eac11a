using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Elysium.Linux;

/// <summary>What .NET's file API leaves out of making a change survive a power cut.</summary>
public static partial class Durability
{
    private const int ReadOnly = 0;
    private const int CloseOnExec = 0x80000;

    /// <summary>
    /// Syncs a directory: names created, renamed or removed in it are on disk afterwards (fsync(2), last paragraph of NOTES:
    /// syncing a file does not sync its name). .NET opens no directories.
    /// </summary>
    /// <param name="path">The directory.</param>
    /// <exception cref="IOException">It cannot be opened or synced.</exception>
    public static void SyncDirectory(string path)
    {
        var descriptor = Open(path, ReadOnly | CloseOnExec);
        if (descriptor < 0)
        {
            throw Failure("open", path);
        }

        try
        {
            if (Sync(descriptor) != 0)
            {
                throw Failure("sync", path);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failure(string verb, string path)
    {
        var cause = new Win32Exception(Marshal.GetLastPInvokeError());
        return new IOException($"Cannot {verb} the directory {path}: {cause.Message}", cause);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
