using System.Text.Json;
using System.Text.Json.Serialization;

namespace Elysium.Linux;

/// <summary>
/// Which interfaces we made, one file each, so that after a restart ours are known from others of the same name: another program's
/// device is never taken over, changed or removed. An interface is known by its index in its namespace since this boot.
/// </summary>
/// <param name="directory">Where the files lie (<c>NAME.interface</c>); made when it is needed.</param>
internal sealed class InterfaceLedger(string directory)
{
    private const string Suffix = ".interface";
    private const string EndpointsSuffix = ".endpoints";

    /// <summary>The names that we have, whether their links are still there or not; sorted.</summary>
    public IReadOnlyList<string> Names =>
        Directory.Exists(directory)
            ? [.. Directory.EnumerateFiles(directory, "*" + Suffix).Select(Path.GetFileNameWithoutExtension).OfType<string>().Where(name => InterfaceName.IsValid(name)).Order(StringComparer.Ordinal)]
            : [];

    /// <summary>Whether the link of this name and index is the one that we made.</summary>
    public bool Owns(string name, int index) => IndexOf(name) == index;

    /// <summary>The index of the link that we made under this name, in this namespace and since this boot; null if we made none.</summary>
    public int? IndexOf(string name) => Read(name) is { } entry && entry == EntryOf(entry.Index) ? entry.Index : null;

    /// <summary>Writes down that the link is ours.</summary>
    public void Claim(string name, int index)
    {
        var entry = EntryOf(index);
        if (Read(name) == entry)
        {
            return;
        }

        Write(PathOf(name), JsonSerializer.SerializeToUtf8Bytes(entry, LedgerJson.Default.LedgerEntry));
    }

    /// <summary>Where its peers were last told to be, by key; empty if that is not known.</summary>
    public IReadOnlyDictionary<string, string> EndpointsOf(string name)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(EndpointsPathOf(name)), LedgerJson.Default.DictionaryStringString) ?? [];
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return new Dictionary<string, string>();
        }
    }

    /// <summary>Writes down where its peers were told to be: one that is elsewhere has roamed, also after a restart.</summary>
    public void Remember(string name, Dictionary<string, string> endpoints) =>
        Write(EndpointsPathOf(name), JsonSerializer.SerializeToUtf8Bytes(endpoints, LedgerJson.Default.DictionaryStringString));

    /// <summary>Forgets the name.</summary>
    public void Release(string name)
    {
        if (Directory.Exists(directory))
        {
            File.Delete(PathOf(name));
            File.Delete(EndpointsPathOf(name));
        }
    }

    // No sync: what a power failure takes, it takes with the interface itself.
    private void Write(string path, byte[] content)
    {
        Directory.CreateDirectory(directory);
        var draft = path + ".new";
        File.WriteAllBytes(draft, content);
        File.Move(draft, path, overwrite: true);
    }

    private string EndpointsPathOf(string name)
    {
        InterfaceName.ThrowIfInvalid(name);
        return Path.Join(directory, name + EndpointsSuffix);
    }

    // A file that cannot be understood proves nothing: the name is known, the link is not.
    private LedgerEntry? Read(string name)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(PathOf(name)), LedgerJson.Default.LedgerEntry);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    private string PathOf(string name)
    {
        InterfaceName.ThrowIfInvalid(name);
        return Path.Join(directory, name + Suffix);
    }

    // An index is given out once in the life of a namespace, and a namespace's number may come again only after a reboot or its end.
    private static LedgerEntry EntryOf(int index) => new(
        index,
        NetworkNamespace.IdentityOfCurrent(),
        Sysctl.Read("kernel/random/boot_id") ?? "");
}

/// <summary>Where an interface is: its index, its network namespace (<c>net:[4026531840]</c>), the boot.</summary>
internal sealed record LedgerEntry(int Index, string Namespace, string Boot);

/// <summary>How it is written.</summary>
[JsonSerializable(typeof(LedgerEntry))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class LedgerJson : JsonSerializerContext;
