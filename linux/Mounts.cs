using Elysium.Linux.Native;

namespace Elysium.Linux;

/// <summary>
/// Mounts in the calling thread's mount namespace (mount(2)). Refusals are an <see cref="IOException"/> whose HResult is the error number.
/// </summary>
public static class Mounts
{
    /// <summary>Keeps what is mounted here from other namespaces and the other way round, for a mount and all below it.</summary>
    public static void MakePrivate(string path) =>
        Libc.Checked(() => Libc.mount("none", path, null, Libc.MS_REC | Libc.MS_PRIVATE, null), $"making the mounts below {path} private");

    /// <summary>Mounts an empty memory file system over a directory.</summary>
    public static void Tmpfs(string path) =>
        Libc.Checked(() => Libc.mount("tmpfs", path, "tmpfs", 0, "mode=0755"), $"mounting a tmpfs on {path}");

    /// <summary>Shows a directory or file at a second place.</summary>
    public static void Bind(string source, string target) =>
        Libc.Checked(() => Libc.mount(source, target, null, Libc.MS_BIND, null), $"binding {source} to {target}");
}
