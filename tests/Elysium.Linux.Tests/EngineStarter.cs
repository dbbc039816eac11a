namespace Elysium.Linux.Tests;

/// <summary>No test: what another test runs as a process of its own, inside its sandbox, and kills.</summary>
public sealed class EngineStarter
{
    /// <summary>Environment variable that names the folder for the log and for the file <c>started</c>.</summary>
    public const string Folder = "ELYSIUM_TEST_STARTER_FOLDER";

    [Fact(Explicit = true)]
    public void Starts_an_engine_and_waits_to_be_killed()
    {
        var folder = Environment.GetEnvironmentVariable(Folder).ShouldNotBeNull("another test runs this one");
        new WireGuardGo(folder, TimeProvider.System).Start("wg0", CancellationToken.None).ShouldBeTrue();
        File.WriteAllText(Path.Join(folder, "started"), "");
        using var never = new ManualResetEventSlim();
        never.Wait(TimeSpan.FromMinutes(1));
    }
}
