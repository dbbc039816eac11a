namespace Elysium.Linux;

/// <summary>What became of a kernel parameter that was to have a value.</summary>
public enum SysctlOutcome
{
    /// <summary>It had the value already; nothing was written.</summary>
    Unchanged,

    /// <summary>It has the value now.</summary>
    Changed,

    /// <summary>It has another value and may not be written: <c>/proc/sys</c> is read-only (a container), or we lack the right.</summary>
    Refused,

    /// <summary>This kernel or namespace has no such parameter.</summary>
    Missing,
}

/// <summary>Kernel parameters under <c>/proc/sys</c>; those of the network are the calling thread's namespace's own.</summary>
public static class Sysctl
{
    private const string Folder = "/proc/sys";

    /// <summary>Reads one, such as <c>net/ipv4/ip_forward</c>; null if there is none.</summary>
    public static string? Read(string name)
    {
        try
        {
            return File.ReadAllText(Path.Join(Folder, name)).TrimEnd('\n');
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Gives one a value unless it has it.</summary>
    public static SysctlOutcome Write(string name, string value)
    {
        var now = Read(name);
        if (now is null)
        {
            return SysctlOutcome.Missing;
        }

        if (now == value)
        {
            return SysctlOutcome.Unchanged;
        }

        try
        {
            File.WriteAllText(Path.Join(Folder, name), value);
            return SysctlOutcome.Changed;
        }
        catch (UnauthorizedAccessException)
        {
            return SysctlOutcome.Refused;
        }
        catch (IOException exception) when (exception.HResult == Errno.EROFS)
        {
            return SysctlOutcome.Refused;
        }
    }
}
