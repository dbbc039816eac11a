using System.Text;

namespace Elysium.Linux;

/// <summary>What became of a kernel parameter that was to have a value.</summary>
public enum SysctlOutcome
{
    /// <summary>It had the value already; nothing was written.</summary>
    Unchanged,

    /// <summary>It has the value now.</summary>
    Changed,

    /// <summary>
    /// It has another value and was not written: <c>/proc/sys</c> is read-only (a container), we lack the right, or the value is none that it takes.
    /// </summary>
    Refused,

    /// <summary>This kernel or namespace has no such parameter.</summary>
    Missing,
}

/// <summary>Kernel parameters under <c>/proc/sys</c>; those of the network are the calling thread's namespace's own.</summary>
public static class Sysctl
{
    private const string Folder = "/proc/sys";

    /// <summary>Reads one, such as <c>net/ipv4/ip_forward</c>; null if there is none.</summary>
    /// <exception cref="ArgumentException">The name leads elsewhere.</exception>
    public static string? Read(string name)
    {
        try
        {
            return File.ReadAllText(PathOf(name)).TrimEnd('\n');
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Gives one a value unless it has it.</summary>
    public static SysctlOutcome Write(string name, string value) => Set(name, value).Outcome;

    /// <summary>Gives one a value unless it has it, and says why where that cannot be. See <see cref="SysctlJournal"/> to undo it later.</summary>
    public static SysctlReport Set(string name, string value)
    {
        var now = Read(name);
        if (now is null)
        {
            return new SysctlReport(name, value, null, SysctlOutcome.Missing);
        }

        if (now == value)
        {
            return new SysctlReport(name, value, now, SysctlOutcome.Unchanged);
        }

        try
        {
            // Not File.WriteAllText: it truncates, and the write must be one.
            using var file = File.OpenHandle(PathOf(name), FileMode.Open, FileAccess.Write);
            RandomAccess.Write(file, Encoding.UTF8.GetBytes(value), 0);
            return new SysctlReport(name, value, now, SysctlOutcome.Changed);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            // Its link went away between the two.
            return new SysctlReport(name, value, null, SysctlOutcome.Missing);
        }
        catch (UnauthorizedAccessException exception)
        {
            return new SysctlReport(name, value, now, SysctlOutcome.Refused, exception.InnerException?.HResult ?? Errno.EACCES);
        }
        catch (IOException exception) when (exception.HResult is Errno.EROFS or Errno.EINVAL or Errno.ERANGE)
        {
            return new SysctlReport(name, value, now, SysctlOutcome.Refused, exception.HResult);
        }
    }

    private static string PathOf(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return name.Split('/').All(part => part is not ("" or "." or ".."))
            ? Path.Join(Folder, name)
            : throw new ArgumentException($"'{name}' cannot name a kernel parameter: it is of the form net/ipv4/ip_forward.", nameof(name));
    }
}
