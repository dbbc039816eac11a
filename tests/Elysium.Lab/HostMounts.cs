using Elysium.Linux;

namespace Elysium.Lab;

/// <summary>What a host's file system has of its own. Runs on the host's thread, which has a mount namespace of its own.</summary>
internal static class HostMounts
{
    public static void Set(string varLib)
    {
        // The binaries are mounted before /var/lib is hidden: the repository may stand under it.
        Mounts.Tmpfs("/run");
        if (Binaries.Folder is { } binaries && Directory.Exists(binaries))
        {
            Directory.CreateDirectory(HostEnvironment.Programs);
            Mounts.Bind(binaries, HostEnvironment.Programs);
        }

        Mounts.Bind(varLib, "/var/lib");
    }
}
