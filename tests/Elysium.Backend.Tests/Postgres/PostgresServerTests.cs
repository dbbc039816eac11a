using System.Diagnostics;
using Elysium.Lab;
using Elysium.Lab.Postgres;

namespace Elysium.Backend.Tests.Postgres;

[Trait(TestEngine.Trait, TestEngine.Postgres)]
public sealed class PostgresServerTests
{
    [Fact]
    public async Task What_was_committed_is_there_after_a_stop_and_after_a_kill()
    {
        await using var server = await PostgresServer.CreateAsync();
        await server.CreateDatabaseAsync("kept");
        await server.ExecuteAsync("CREATE TABLE t (n int); INSERT INTO t VALUES (1)", "kept");

        await server.StopAsync();
        server.IsRunning.ShouldBeFalse();
        await server.StartAsync();
        await server.ExecuteAsync("INSERT INTO t VALUES (2)", "kept");
        await server.KillAsync();
        await server.StartAsync();

        (await server.ExecuteAsync("SELECT n FROM t ORDER BY n", "kept")).ShouldBe("1\n2");
        server.Log.ShouldContain("database system was not properly shut down");
    }

    [Fact]
    public async Task A_kill_leaves_no_process_and_disposing_it_no_folder_and_no_shared_memory()
    {
        var server = await PostgresServer.CreateAsync();
        Processes(server.Folder).ShouldNotBeEmpty();
        var postmaster = File.ReadLines(Path.Combine(server.Folder, "data", "postmaster.pid")).First();
        Makers().ShouldContain(postmaster);

        await server.KillAsync();
        Processes(server.Folder).ShouldBeEmpty();
        await server.DisposeAsync();

        Directory.Exists(server.Folder).ShouldBeFalse();
        Makers().ShouldNotContain(postmaster);
    }

    [Fact]
    public async Task Whoever_has_no_password_is_refused()
    {
        await using var server = await PostgresServer.CreateAsync();
        await server.CreateRoleAsync("app", "right");

        var refused = await Should.ThrowAsync<LabException>(() => server.ExecuteAsync($"\\connect 'host={server.Address} port={server.Port} dbname=postgres user=app password=wrong'"));

        refused.Message.ShouldContain("password authentication failed for user \"app\"");
    }

    [Fact]
    public async Task What_a_killed_owner_left_is_swept_with_its_server()
    {
        await using var living = await PostgresServer.CreateAsync();
        await using var left = await PostgresServer.CreateAsync();
        await left.KillAsync();
        using var process = Process.Start("true");
        await process.WaitForExitAsync();
        var dead = Path.Combine(Path.GetTempPath(), $"elypg-{new Owner(process.Id, 1)}-1");
        Directory.Move(left.Folder, dead);

        await Sweeper.SweepAsync();

        Directory.Exists(dead).ShouldBeFalse();
        living.IsRunning.ShouldBeTrue();
    }

    private static List<string> Processes(string folder) =>
        [.. Directory.EnumerateDirectories("/proc").Where(p => char.IsAsciiDigit(Path.GetFileName(p)[0]) && Target($"{p}/cwd") == Path.Combine(folder, "data"))];

    private static string? Target(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget;
        }
        catch (IOException)
        {
            return null; // It ended.
        }
    }

    /// <summary>The processes that made the segments of shared memory on this machine.</summary>
    private static List<string> Makers() => [.. File.ReadLines("/proc/sysvipc/shm").Skip(1).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4])];
}
