namespace Elysium.Client.State;

/// <summary>An exclusive lock that the kernel drops when its holder dies (flock(2), which is what FileShare.None is on Linux).</summary>
internal sealed class FileLock : IDisposable
{
    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    /// <summary>Null: somebody else holds it.</summary>
    public static FileLock? TryTake(string path)
    {
        try
        {
            return new FileLock(new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = AtomicFile.OwnerOnly,
            }));
        }
        catch (IOException e) when (IsHeldElsewhere(e))
        {
            return null;
        }
    }

    /// <summary>Looks without taking it: readers share.</summary>
    public static bool IsHeld(string path)
    {
        try
        {
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read).Dispose();
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException e) when (IsHeldElsewhere(e))
        {
            return true;
        }
    }

    public void Dispose() => _file.Dispose();

    // .NET gives a refused flock the errno EWOULDBLOCK (11) as HResult.
    private static bool IsHeldElsewhere(IOException e) => e.GetType() == typeof(IOException) && e.HResult == 11;
}
