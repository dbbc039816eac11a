using System.Text.Json;

namespace Elysium.Linux;

/// <summary>
/// Sets kernel parameters so that they can be given back what they had, even by the next run of this program: what was before stands in
/// a file first. It remembers the value of before the first change, whatever comes after. A record of before a reboot, or of another network
/// namespace, is not applied: there the parameters are not the ones that were changed. Not for several threads or processes at once.
/// </summary>
public sealed class SysctlJournal
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string BootId = "kernel/random/boot_id";

    private readonly string _file;
    private readonly List<SysctlChange> _changes;

    private SysctlJournal(string file, List<SysctlChange> changes)
    {
        _file = file;
        _changes = changes;
    }

    /// <summary>What stands to be given back, in the order in which it was changed.</summary>
    public IReadOnlyList<SysctlChange> Changes => _changes;

    /// <summary>Opens it; a file that is not there is an empty record, and is made by the first change.</summary>
    /// <param name="file">A path in a folder that exists.</param>
    /// <exception cref="InvalidDataException">The file is no record.</exception>
    public static SysctlJournal Open(string file)
    {
        try
        {
            var changes = JsonSerializer.Deserialize(File.ReadAllBytes(file), SysctlJson.Default.ListSysctlChange) ?? [];
            return changes.TrueForAll(change => change is { Name.Length: > 0, Before: not null, Now: not null })
                ? new SysctlJournal(file, changes)
                : throw new InvalidDataException($"{file} lacks parts of a record of kernel parameters; look at it, and remove it.");
        }
        catch (FileNotFoundException)
        {
            return new SysctlJournal(file, []);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{file} is no record of kernel parameters; look at it, and remove it.", exception);
        }
    }

    /// <summary>Gives a parameter a value unless it has it, and remembers what it had.</summary>
    /// <exception cref="IOException">The record cannot be written; the parameter was then not touched.</exception>
    public SysctlReport Set(string name, string value)
    {
        var before = Sysctl.Read(name);
        if (before is null || before == value)
        {
            return Sysctl.Set(name, value);
        }

        var at = _changes.FindIndex(change => change.Name == name && IsHere(change));
        var record = new SysctlChange(name, at < 0 ? before : _changes[at].Before, value, BootNow(), NetworkNow());
        var old = at < 0 ? null : _changes[at];
        Put(at, record);
        Save();
        var report = Sysctl.Set(name, value);
        if (report.Outcome is SysctlOutcome.Refused or SysctlOutcome.Missing)
        {
            Put(_changes.IndexOf(record), old);
            Save();
        }

        return report;
    }

    /// <summary>
    /// Gives every parameter of this namespace back what it had, the last changed first, and forgets it. One that somebody else has changed
    /// since is left to them; one that cannot be written is kept for another time.
    /// </summary>
    /// <returns>What became of those that were ours to give back.</returns>
    public IReadOnlyList<SysctlReport> Restore() => Restore(_ => true);

    /// <summary>The same for the parameters of these names only.</summary>
    public IReadOnlyList<SysctlReport> Restore(Func<string, bool> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var reports = new List<SysctlReport>();
        var forgotten = _changes.RemoveAll(change => change.Boot != BootNow());
        for (var i = _changes.Count - 1; i >= 0; i--)
        {
            var change = _changes[i];
            if (change.Network != NetworkNow() || !names(change.Name))
            {
                continue;
            }

            if (Sysctl.Read(change.Name) == change.Now)
            {
                var report = Sysctl.Set(change.Name, change.Before);
                reports.Add(report);
                if (report.Outcome == SysctlOutcome.Refused)
                {
                    continue;
                }
            }

            _changes.RemoveAt(i);
            forgotten++;
        }

        if (forgotten > 0)
        {
            Save();
        }

        return reports;
    }

    private static bool IsHere(SysctlChange change) => change.Boot == BootNow() && change.Network == NetworkNow();

    private static string BootNow() => Sysctl.Read(BootId) ?? "";

    private static string NetworkNow() => NetworkNamespace.IdentityOfCurrent();

    private void Put(int at, SysctlChange? record)
    {
        if (at >= 0)
        {
            _changes.RemoveAt(at);
        }

        if (record is not null)
        {
            _changes.Insert(at >= 0 ? at : _changes.Count, record);
        }
    }

    // Whole or not at all, and on disk before the parameter changes.
    private void Save()
    {
        if (_changes.Count == 0)
        {
            File.Delete(_file);
            return;
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(_file))!;
        var draft = _file + ".new";
        File.Delete(draft);
        using (var stream = new FileStream(draft, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        }))
        {
            JsonSerializer.Serialize(stream, _changes, SysctlJson.Default.ListSysctlChange);
            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, _file, overwrite: true);
        Durability.SyncDirectory(folder);
    }
}
