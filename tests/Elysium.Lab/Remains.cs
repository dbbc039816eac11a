using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Elysium.Linux;

namespace Elysium.Lab;

/// <summary>What a lab has on the machine: its namespaces, the processes in them, its folder. Finds it by name alone, so that it works for dead labs too.</summary>
internal static class Remains
{
    private const string NamespaceFolder = "/run/netns";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>The folder that a lab may have.</summary>
    public static string FolderOf(LabName lab) => Path.Combine(Path.GetTempPath(), lab.ToString());

    /// <summary>Every lab that has something on this machine, whoever made it.</summary>
    public static IReadOnlyList<LabName> Labs() =>
        [.. Entries(NamespaceFolder).Concat(Entries(Path.GetTempPath())).Select(Lab).OfType<LabName>().Distinct()];

    /// <summary>Kills every process in the lab's namespaces: also engines, which run in sessions of their own and whose parent is gone.</summary>
    public static Task KillProcessesAsync(LabName lab) => KillProcessesAsync(Inodes(lab));

    /// <summary>Removes all of it. What is gone already is no error: someone else may be sweeping.</summary>
    public static async Task RemoveAsync(LabName lab)
    {
        var namespaces = Namespaces(lab);
        await KillProcessesAsync(Inodes(lab));
        foreach (var name in namespaces)
        {
            _ = NetworkNamespace.Delete(name);
        }

        // A process that was killed a moment ago may still have had a file to write.
        var folder = FolderOf(lab);
        await Eventually.HoldsAsync($"{folder} is gone", Limit, () => Task.FromResult(DeleteFolder(folder)));
    }

    private static async Task KillProcessesAsync(HashSet<string> inodes)
    {
        if (inodes.Count == 0)
        {
            return;
        }

        await Eventually.HoldsAsync("the processes of the lab are gone", Limit, () =>
        {
            var found = ProcessesIn(inodes);
            found.ForEach(Kill);
            return Task.FromResult(found.Count == 0);
        });
    }

    /// <summary>The calling thread's network namespace, by its inode.</summary>
    public static string OwnNamespace() => InodeOf("/proc/thread-self/ns/net") ?? throw new LabException("/proc/thread-self cannot be read.");

    /// <summary>A process's name; null: it is gone.</summary>
    public static string? NameOf(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/comm").TrimEnd('\n');
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The processes in these network namespaces.</summary>
    public static List<int> ProcessesIn(HashSet<string> inodes) => ProcessesAt("ns/net", inodes);

    /// <summary>The processes for which a link in /proc leads to one of these.</summary>
    public static List<int> ProcessesAt(string link, HashSet<string> targets)
    {
        var found = new List<int>();
        foreach (var entry in Entries("/proc"))
        {
            if (int.TryParse(entry, NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && pid != Environment.ProcessId
                && InodeOf($"/proc/{entry}/{link}") is { } target
                && targets.Contains(target))
            {
                found.Add(pid);
            }
        }

        return found;
    }

    /// <summary>Kills a process, if it is still there.</summary>
    public static void Kill(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It ended by itself. If not, the next look finds it again, and the deadline tells.
        }
    }

    private static HashSet<string> Inodes(LabName lab)
    {
        var inodes = new HashSet<string>();
        foreach (var name in Namespaces(lab))
        {
            try
            {
                using var opened = NetworkNamespace.Open(name);
                inodes.Add(opened.Run(OwnNamespace));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Deleted since it was listed, or a file that its maker was killed before mounting: no process can be in it.
            }
        }

        return inodes;
    }

    private static List<string> Namespaces(LabName lab) => [.. Entries(NamespaceFolder).Where(name => Lab(name) == lab)];

    private static LabName? Lab(string name) => LabName.TryParse(name, out var lab) ? lab : null;

    // "net:[4026531840]"; null: the process is gone, or a zombie.
    private static string? InodeOf(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Entries(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).OfType<string>() : [];

    /// <summary>Whether the folder is gone now.</summary>
    public static bool DeleteFolder(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }

            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
