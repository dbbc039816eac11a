using System.Text.Json;

namespace Elysium.Client.State;

/// <summary>
/// <c>/var/lib/elysium</c>: one folder a joined network, by its id, with a link by its name beside it; <c>pending-…</c> folders of
/// enrolments under way; <c>.gone-…</c> folders of what was left, until they are swept.
/// </summary>
internal sealed class StateDirectory(string path)
{
    public const string Variable = "ELYSIUM_STATE_DIR";
    public const string DefaultPath = "/var/lib/elysium";

    private const string PendingStart = "pending-";
    private const string GoneStart = ".gone-";

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Every network that this machine has joined, revoked ones too, by name.</summary>
    /// <param name="damaged">Is told of each that cannot be read: its trouble is no other network's.</param>
    public IReadOnlyList<NetworkState> Networks(Action<string>? damaged = null)
    {
        if (!Directory.Exists(Path))
        {
            return [];
        }

        var networks = new List<NetworkState>();
        foreach (var folder in new DirectoryInfo(Path).EnumerateDirectories().Where(static f => Guid.TryParseExact(f.Name, "D", out _)))
        {
            try
            {
                if (NetworkState.Open(folder.FullName) is { } network)
                {
                    networks.Add(network);
                }
            }
            catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
            {
                damaged?.Invoke($"{e.Message.TrimEnd('.')}. Restore it from a backup; or remove the folder and join with a new code.");
            }
        }

        networks.Sort(static (a, b) => string.CompareOrdinal(a.Record.Name, b.Record.Name));
        return networks;
    }

    /// <summary>By name or id.</summary>
    public NetworkState? Find(string nameOrId, Action<string>? damaged = null) =>
        Networks(damaged).FirstOrDefault(n => n.Record.Name == nameOrId || n.Record.Id.ToString("D") == nameOrId);

    /// <summary>One at a time: a second <c>join</c> waits for the first, so that both cannot choose the same interface.</summary>
    public FileLock? TryLockForJoining()
    {
        Create();
        return FileLock.TryTake(System.IO.Path.Combine(Path, "join.lock"));
    }

    public PendingIdentity OpenPending(string tokenPrefix)
    {
        Create();
        return PendingIdentity.OpenOrCreate(System.IO.Path.Combine(Path, PendingStart + tokenPrefix));
    }

    /// <summary>The moment at which the machine has joined: one rename. A revoked identity of the same network makes room.</summary>
    public NetworkState Adopt(PendingIdentity pending, NetworkRecord record)
    {
        var folder = System.IO.Path.Combine(Path, record.Id.ToString("D"));
        MoveAway(folder);
        Directory.Move(pending.Folder, folder);
        Durability.SyncDirectory(Path);
        LinkByName(record);
        Sweep();
        return NetworkState.Open(folder) ?? throw new InvalidOperationException($"{folder} vanished while it was put in place.");
    }

    /// <summary>Forgets a network: one rename, then the sweep.</summary>
    public void Forget(NetworkState network)
    {
        MoveAway(network.Folder);
        Durability.SyncDirectory(Path);
        var link = System.IO.Path.Combine(Path, network.Record.Name);
        if (new FileInfo(link).LinkTarget == network.Record.Id.ToString("D"))
        {
            File.Delete(link);
        }

        Sweep();
    }

    private void Create()
    {
        if (!Directory.Exists(Path))
        {
            Directory.CreateDirectory(Path, AtomicFile.OwnerOnlyDirectory);
        }
    }

    private void MoveAway(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Move(folder, System.IO.Path.Combine(Path, GoneStart + System.IO.Path.GetRandomFileName()));
        }
    }

    // For people only: nothing in Elysium reads the link, so another installation's network of the same name may keep it,
    // and so may the engine's folder.
    private void LinkByName(NetworkRecord record)
    {
        var link = new FileInfo(System.IO.Path.Combine(Path, record.Name));
        if (link.LinkTarget is { } target && !Directory.Exists(System.IO.Path.Combine(Path, target)))
        {
            link.Delete();
        }

        if (link.LinkTarget is null && !link.Exists && !Directory.Exists(link.FullName))
        {
            File.CreateSymbolicLink(link.FullName, record.Id.ToString("D"));
        }
    }

    private void Sweep()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path, GoneStart + "*"))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
