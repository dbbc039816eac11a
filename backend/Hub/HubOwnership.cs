namespace Elysium.Backend.Hub;

/// <summary>
/// Which interfaces this installation has made, as files in the data folder: a network that is deleted while nobody could remove its
/// interface is still removed later, and an interface that is not ours never is.
/// </summary>
internal sealed class HubOwnership(string directory)
{
    private const string Suffix = ".ours";

    public void Claim(string name)
    {
        var path = PathOf(name);
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(directory);
            File.WriteAllBytes(path, []);
        }
    }

    public IReadOnlyList<string> Claimed() =>
        Directory.Exists(directory) ? [.. Directory.EnumerateFiles(directory, "*" + Suffix).Select(Path.GetFileNameWithoutExtension).Order()!] : [];

    public void Release(string name) => File.Delete(PathOf(name));

    private string PathOf(string name) => Path.Combine(directory, name + Suffix);
}
