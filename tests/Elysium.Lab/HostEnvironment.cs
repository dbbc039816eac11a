namespace Elysium.Lab;

/// <summary>The environment of a host's programs: this process's, without what would make them behave otherwise than on a fresh machine.</summary>
internal static class HostEnvironment
{
    /// <summary>Where a host finds the published binaries, wherever they are on the real machine.</summary>
    public const string Programs = "/run/lab";

    public static IReadOnlyDictionary<string, string?> Of(string home)
    {
        var changes = new Dictionary<string, string?>
        {
            ["HOME"] = home,
            ["PATH"] = $"{Programs}:{Environment.GetEnvironmentVariable("PATH") ?? "/usr/sbin:/usr/bin:/sbin:/bin"}",
            ["XDG_CONFIG_HOME"] = null,
            ["LC_ALL"] = "C",
        };
        foreach (string name in Environment.GetEnvironmentVariables().Keys)
        {
            if (name.StartsWith("ELYSIUM_", StringComparison.Ordinal))
            {
                changes[name] = null;
            }
        }

        return changes;
    }
}
