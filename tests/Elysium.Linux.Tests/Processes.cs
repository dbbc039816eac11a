namespace Elysium.Linux.Tests;

/// <summary>Which processes run inside a host: the tests end no other.</summary>
internal static class Processes
{
    /// <summary>Ids of the processes of that name in the host's network namespace.</summary>
    public static List<string> In(NamespaceThread host, string program) => host.Run(() =>
    {
        var network = LinkOf("/proc/thread-self/ns/net");
        return Directory.GetDirectories("/proc")
            .Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]) && NameOf(folder) == program && LinkOf($"{folder}/ns/net") == network)
            .Select(folder => Path.GetFileName(folder))
            .ToList();
    });

    private static string? LinkOf(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: false)?.Name;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string? NameOf(string folder)
    {
        try
        {
            return File.ReadAllText($"{folder}/comm").TrimEnd('\n');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
