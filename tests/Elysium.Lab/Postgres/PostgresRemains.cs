using System.Globalization;

namespace Elysium.Lab.Postgres;

/// <summary>
/// What a private server has on the machine: its folder, the processes that work in it, a segment of shared memory. Found by the folder's name alone, so
/// that it works for servers of dead processes too.
/// </summary>
internal static class PostgresRemains
{
    private const string Start = "elypg-";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>The folder of a server: <c>elypg-{pid}.{start}-{number}</c>, short because a socket's path has at most 107 bytes (unix(7)).</summary>
    public static string FolderOf(Owner owner, int number) =>
        Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"{Start}{owner}-{number}"));

    public static string DataOf(string folder) => Path.Combine(folder, "data");

    /// <summary>Removes what killed processes left.</summary>
    public static async Task SweepAsync()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), Start + "*"))
        {
            if (Path.GetFileName(folder)[Start.Length..].Split('-') is [var owner, _] && Owner.TryParse(owner, out var parsed) && !parsed.IsAlive)
            {
                await RemoveAsync(folder);
            }
        }
    }

    /// <summary>Kills the server and removes all of it. What is gone already is no error: someone else may be sweeping.</summary>
    public static async Task RemoveAsync(string folder)
    {
        await KillAsync(folder);
        await RemoveSharedMemoryAsync(folder);
        await Eventually.HoldsAsync($"{folder} is gone", Limit, () => Task.FromResult(Remains.DeleteFolder(folder)));
    }

    /// <summary>Kills every process of the server. All of them work in its data folder, also those whose parent was killed.</summary>
    public static Task KillAsync(string folder) =>
        Eventually.HoldsAsync($"the processes of {folder} are gone", Limit, () =>
        {
            var found = Remains.ProcessesAt("cwd", [DataOf(folder)]);
            found.ForEach(Remains.Kill);
            return Task.FromResult(found.Count == 0);
        });

    /// <summary>A killed postmaster cannot remove the small segment by which it keeps a second one out (System V, shmget(2)).</summary>
    private static async Task RemoveSharedMemoryAsync(string folder)
    {
        string[] note;
        try
        {
            note = await File.ReadAllLinesAsync(Path.Combine(DataOf(folder), "postmaster.pid"));
        }
        catch (IOException)
        {
            return; // It was stopped in good order, or never started.
        }

        // Line 7: key and id. An id may be another's by now; the key, and that nobody is attached, must be as noted.
        if (note.Length < 7 || note[6].Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var key, var id])
        {
            return;
        }

        var left = File.ReadLines("/proc/sysvipc/shm")
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Any(fields => fields.Length > 6 && fields[0] == key && fields[1] == id && fields[6] == "0");
        if (left)
        {
            await PostgresPrograms.RunAsync("ipcrm", ["-m", id], "", Path.Combine(folder, "logs", "ipcrm"), CancellationToken.None);
        }
    }
}
