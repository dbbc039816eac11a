namespace Elysium.Tests.Documents;

/// <summary>The repository's own files: documents are compared with what they speak of.</summary>
internal static class Repository
{
    public static string Root
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Join(folder, "Elysium.slnx")))
            {
                folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside the repository.");
            }

            return folder;
        }
    }

    public static string Read(string path) => File.ReadAllText(Path.Join(Root, path));
}
