namespace Elysium.Linux;

/// <summary>Mounts in the calling thread's mount namespace (mount(2)).</summary>
public static class Mounts
{
    /// <summary>Keeps what is mounted here from other namespaces and the other way round, for a mount and all below it.</summary>
    public static void MakePrivate(string path) => throw new NotImplementedException();

    /// <summary>Mounts an empty memory file system over a directory.</summary>
    public static void Tmpfs(string path) => throw new NotImplementedException();

    /// <summary>Shows a directory or file at a second place.</summary>
    public static void Bind(string source, string target) => throw new NotImplementedException();
}
