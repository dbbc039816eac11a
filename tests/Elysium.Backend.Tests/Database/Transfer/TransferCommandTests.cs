using System.Text;
using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Elysium.Backend.Pki;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Tests.Database.Transfer;

/// <summary>What docs/guides/move-an-installation.md says, step by step, and its refusals.</summary>
[Trait(TestEngine.Trait, TestEngine.Sqlite)]
public sealed class TransferCommandTests(TransferFixture fixture) : IClassFixture<TransferFixture>
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public async Task The_guides_way_leads_to_PostgreSQL_and_back_with_the_same_data_folder()
    {
        var file = Path.Combine(Path.GetDirectoryName(fixture.SqlitePath())!, "elysium.export");
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        var pin = backend.Authority.Pin.ToArray();
        var sqlite = backend.Options;
        await backend.StopAsync();

        (await ExportCommand.RunAsync(sqlite, file, TimeProvider.System)).ShouldBe(0);
        File.GetUnixFileMode(file).ShouldBe(OwnerOnly);
        var postgres = sqlite with { Database = await fixture.PostgresAsync() };
        (await ImportCommand.RunAsync(postgres, file, TimeProvider.System)).ShouldBe(0);
        var moved = await TestBackend.StartAsync(_ => postgres);
        moved.Authority.Pin.ToArray().ShouldBe(pin);
        using var client = moved.Client(alice.Certificate);
        (await client.GetAsync("/v1/self/map")).EnsureSuccessStatusCode();
        (await moved.JoinAsync("bob")).Address.ShouldBe("10.77.0.3");
        await moved.StopAsync();

        (await ExportCommand.RunAsync(postgres, file + "2", TimeProvider.System)).ShouldBe(0);
        (await ImportCommand.RunAsync(sqlite, file + "2", TimeProvider.System)).ShouldBe(Verbs.Failed, "the old database is still there");
        File.Delete(DataDirectory.DatabaseIn(sqlite.DataDirectory));
        (await ImportCommand.RunAsync(sqlite, file + "2", TimeProvider.System)).ShouldBe(0);

        await backend.RestartAsync();
        (await backend.QueryAsync(d => d.Peers.CountAsync())).ShouldBe(2);
        (await backend.JoinAsync("carol")).Address.ShouldBe("10.77.0.4");
    }

    [Fact]
    public async Task An_export_overwrites_nothing_and_follows_no_link()
    {
        var options = fixture.Source.Options;
        var folder = Path.GetDirectoryName(fixture.SqlitePath())!;
        var (there, link, target) = (Path.Combine(folder, "there"), Path.Combine(folder, "link"), Path.Combine(folder, "target"));
        await File.WriteAllTextAsync(there, "mine");
        File.CreateSymbolicLink(link, target);

        (await ExportCommand.RunAsync(options, there, TimeProvider.System)).ShouldBe(Verbs.Failed);
        (await ExportCommand.RunAsync(options, link, TimeProvider.System)).ShouldBe(Verbs.Failed);
        (await ExportCommand.RunAsync(options, folder, TimeProvider.System)).ShouldBe(Verbs.Failed);
        (await ExportCommand.RunAsync(options, Path.Combine(folder, "no", "where"), TimeProvider.System)).ShouldBe(Verbs.Failed);

        (await File.ReadAllTextAsync(there)).ShouldBe("mine");
        File.Exists(target).ShouldBeFalse();
    }

    [Fact]
    public async Task What_nobody_could_import_is_not_exported()
    {
        var folder = Path.GetDirectoryName(fixture.SqlitePath())!;
        var other = Path.Combine(folder, "other.key");
        DataDirectory.WriteSecret(other, Encoding.ASCII.GetBytes(SealingKey.NewLine()));

        (await ExportCommand.RunAsync(fixture.Source.Options with { SealingKeyFile = other }, Path.Combine(folder, "export"), TimeProvider.System)).ShouldBe(Verbs.Failed);

        Directory.GetFiles(folder).ShouldBe([other]);
    }

    [Fact]
    public async Task A_running_backend_can_be_exported_and_a_database_that_is_not_there_is_not_made()
    {
        var folder = Path.GetDirectoryName(fixture.SqlitePath())!;
        (await ExportCommand.RunAsync(fixture.Source.Options, Path.Combine(folder, "running"), TimeProvider.System)).ShouldBe(0);

        var nothing = fixture.Source.Options with { Database = null, DataDirectory = folder, SealingKeyFile = fixture.Source.Options.SealingKeyPath };
        (await ExportCommand.RunAsync(nothing, Path.Combine(folder, "none"), TimeProvider.System)).ShouldBe(Verbs.Failed);
        (await ResealCommand.RunAsync(nothing, TimeProvider.System)).ShouldBe(Verbs.Failed);
        Directory.GetFiles(folder).Select(Path.GetFileName).ShouldBe(["running"]);
    }

    [Fact]
    public async Task An_import_needs_the_sealing_key_a_whole_file_and_the_folder_of_the_same_CA()
    {
        var folder = Path.GetDirectoryName(fixture.SqlitePath())!;
        var file = Path.Combine(folder, "elysium.export");
        await File.WriteAllBytesAsync(file, fixture.File);
        var options = fixture.Source.Options with { Database = null, DataDirectory = Path.Combine(folder, "data") };

        (await ImportCommand.RunAsync(options, file, TimeProvider.System)).ShouldBe(Verbs.Failed, "no sealing key");
        File.Exists(options.SealingKeyPath).ShouldBeFalse();
        File.Copy(fixture.Source.Options.SealingKeyPath, options.SealingKeyPath);
        await File.WriteAllBytesAsync(file + ".half", fixture.File[..^100]);
        (await ImportCommand.RunAsync(options, file + ".half", TimeProvider.System)).ShouldBe(Verbs.Failed);
        (await ImportCommand.RunAsync(options, file + ".nowhere", TimeProvider.System)).ShouldBe(Verbs.Failed);
        (await ImportCommand.RunAsync(options, folder, TimeProvider.System)).ShouldBe(Verbs.Failed);
        (await ImportCommand.RunAsync(options, "/dev/null", TimeProvider.System)).ShouldBe(Verbs.Failed);
        new AuthorityFolder(Path.Combine(options.DataDirectory, "pki")).Make("test.elysium", TimeProvider.System.GetUtcNow());
        (await ImportCommand.RunAsync(options, file, TimeProvider.System)).ShouldBe(Verbs.Failed, "another CA");
        File.Exists(DataDirectory.DatabaseIn(options.DataDirectory)).ShouldBeFalse("all of that was known before");

        Directory.Delete(Path.Combine(options.DataDirectory, "pki"), recursive: true);
        (await ImportCommand.RunAsync(options, file, TimeProvider.System)).ShouldBe(0);
    }

    [Fact]
    public async Task A_data_folder_whose_backend_runs_is_not_imported_into()
    {
        var file = Path.Combine(Path.GetDirectoryName(fixture.SqlitePath())!, "elysium.export");
        await File.WriteAllBytesAsync(file, fixture.File);

        (await ImportCommand.RunAsync(fixture.Source.Options, file, TimeProvider.System)).ShouldBe(Verbs.Failed);
    }
}
