namespace Elysium.Lab;

/// <summary>The published programs that a lab starts: what a user would run, not what the tests were built with.</summary>
public static class Binaries
{
    /// <summary>The environment variable that names their folder.</summary>
    public const string Variable = "ELYSIUM_BINARIES";

    /// <summary>The client, as hosts see it.</summary>
    public const string Client = HostEnvironment.Programs + "/elysium";

    /// <summary>The backend, as hosts see it.</summary>
    public const string Backend = HostEnvironment.Programs + "/backend/elysium-backend";

    /// <summary>Their folder on the real machine; null: none was named, and hosts have no Elysium.</summary>
    public static string? Folder => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? Path.GetFullPath(folder) : null;

    /// <summary>Refuses to go on without them.</summary>
    /// <exception cref="LabException">The variable is not set, or there is no such program.</exception>
    public static void Require()
    {
        var folder = Folder ?? throw new LabException(
            $"{Variable} is not set: run scripts/publish.sh, and set it to the folder artifacts/binaries of the repository.");
        foreach (var program in (string[])["elysium", "backend/elysium-backend"])
        {
            if (!File.Exists(Path.Combine(folder, program)))
            {
                throw new LabException($"{Variable} is '{folder}', which has no '{program}': run scripts/publish.sh.");
            }
        }
    }
}
