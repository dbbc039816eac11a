using System.Net.Http.Json;
using Elysium.Backend.Database;
using Elysium.Backend.Database.Transfer;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace Elysium.Backend.Tests.Database.Transfer;

[Trait(TestEngine.Trait, TestEngine.Sqlite)]
public sealed class TransferTests(TransferFixture fixture) : IClassFixture<TransferFixture>
{
    [Fact]
    public async Task An_installation_is_the_same_after_the_way_to_PostgreSQL_and_back()
    {
        await using var postgres = TestEngine.Engine(await fixture.PostgresAsync());
        await using var sqlite = new SqliteEngine(fixture.SqlitePath(), null);

        (await ImportAsync(postgres, fixture.File)).ShouldBeNull();
        var there = await ExportAsync(postgres);
        (await ImportAsync(sqlite, there)).ShouldBeNull();
        var back = await ExportAsync(sqlite);

        // All but the first line, which says when and from where, and the last, which proves the first.
        TransferFixture.Lines(there)[1..^1].ShouldBe(TransferFixture.Lines(fixture.File)[1..^1]);
        TransferFixture.Lines(back)[1..^1].ShouldBe(TransferFixture.Lines(fixture.File)[1..^1]);
        foreach (var table in TransferFixture.Lines(back).Where(l => l.StartsWith("{\"table\"")))
        {
            TransferFixture.Lines(back).ShouldContain(table);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_backend_goes_on_where_the_other_stopped_with_the_machines_that_had_joined(bool postgres)
    {
        // Of its own: what goes on here must not be in the others' file.
        await using var old = await TestBackend.StartAsync();
        await old.CreateNetworkAsync();
        var code = await old.CreateCodeAsync(uses: 2);
        var alice = await old.JoinAsync("alice", code);
        var version = (await old.Admin.GetFromJsonAsync("/v1/networks/home", ElysiumJson.Default.NetworkResponse))!.Version;
        using var sealer = SealingKeyFile.Read(old.Options.SealingKeyPath).Value;
        var file = await old.QueryAsync(d => TransferFixture.ExportAsync(d, sealer));
        var options = old.Options with { DataDirectory = Path.GetDirectoryName(fixture.SqlitePath())!, Database = postgres ? await fixture.PostgresAsync() : null };
        File.Copy(old.Options.SealingKeyPath, options.SealingKeyPath);
        File.Copy(Path.Combine(old.DataDirectory, "admin-token"), Path.Combine(options.DataDirectory, "admin-token"));
        await using (var engine = DatabaseEngine.Open(options, NullLoggerFactory.Instance, TimeProvider.System))
        {
            (await ImportAsync(engine, file, sealer)).ShouldBeNull();
        }

        await using var @new = await TestBackend.StartAsync(_ => options);

        @new.Authority.Pin.ToArray().ShouldBe(old.Authority.Pin.ToArray());
        using var client = @new.Client(alice.Certificate);
        (await client.GetFromJsonAsync("/v1/self/map", ElysiumJson.Default.NetworkMap))!.Self.Address.ShouldBe(alice.Address);
        var bob = await @new.JoinAsync("bob", code);
        bob.Address.ShouldBe("10.77.0.3");
        (await @new.Admin.GetFromJsonAsync("/v1/networks/home", ElysiumJson.Default.NetworkResponse))!.Version.ShouldBe(version + 1);
        var third = await new TestMachine("third").EnrollAsync(@new, code);
        ((int)third.StatusCode).ShouldBe(403, "the token's uses go on too");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_database_that_has_anything_in_it_is_left_as_it_is(bool postgres)
    {
        await using DatabaseEngine engine = postgres ? TestEngine.Engine(await fixture.PostgresAsync()) : new SqliteEngine(fixture.SqlitePath(), null);
        (await ImportAsync(engine, fixture.File)).ShouldBeNull();
        var before = TransferFixture.Lines(await ExportAsync(engine))[1..^1];

        (await ImportAsync(engine, fixture.File)).ShouldNotBeNull().ShouldContain("not empty (table 'api_tokens'");

        TransferFixture.Lines(await ExportAsync(engine))[1..^1].ShouldBe(before);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_breaks_off_or_does_not_fit_leaves_nothing_behind(bool postgres)
    {
        await using DatabaseEngine engine = postgres ? TestEngine.Engine(await fixture.PostgresAsync()) : new SqliteEngine(fixture.SqlitePath(), null);
        var lines = TransferFixture.Lines(fixture.File);
        var peer = lines.IndexOf("{\"table\":\"peers\"}") + 1;
        var network = lines.IndexOf("{\"table\":\"networks\"}") + 1;

        // Without the check that comes before the writing.
        foreach (var (file, told) in new (byte[], string)[]
        {
            (fixture.File[..(fixture.File.Length / 2)], "line "),
            (fixture.File[..^9], "line "),
            (TransferFixture.Pack(lines[..^1]), "cut off"),
            (TransferFixture.Pack([.. lines[..peer], lines[peer], .. lines[peer..]]), "take this row of 'peers'"),
            (fixture.Forge([.. lines[..peer], lines[peer], .. lines[peer..]]), "take this row of 'peers'"),
            (fixture.Forge([.. lines[..network], .. lines[(network + 1)..]]), "the database does not take"),
        })
        {
            (await ImportAsync(engine, file)).ShouldNotBeNull().ShouldContain(told);
        }

        await using var database = engine.CreateDbContext();
        (await database.Networks.CountAsync() + await database.Peers.CountAsync() + await database.ApiTokens.CountAsync()).ShouldBe(0);
        (await ImportAsync(engine, fixture.File)).ShouldBeNull("it can still take the right one");
    }

    [Fact]
    public async Task Rows_in_another_order_or_another_spelling_do_not_read_back_as_they_were_written()
    {
        await using var engine = new SqliteEngine(fixture.SqlitePath(), null);
        var lines = TransferFixture.Lines(fixture.File);
        var peer = lines.IndexOf("{\"table\":\"peers\"}") + 1;

        (await ImportAsync(engine, fixture.Forge([.. lines[..peer], lines[peer + 1], lines[peer], .. lines[(peer + 2)..]]))).ShouldNotBeNull().ShouldContain("does not read back");
        (await ImportAsync(engine, fixture.Forge([.. lines[..peer], lines[peer].Replace(",", ", "), .. lines[(peer + 1)..]]))).ShouldNotBeNull().ShouldContain("does not read back");
    }

    [Fact]
    public async Task Text_that_PostgreSQL_cannot_hold_is_refused_by_line()
    {
        await using var engine = TestEngine.Engine(await fixture.PostgresAsync());
        var lines = TransferFixture.Lines(fixture.File);
        var token = lines.FindIndex(l => l.Contains("\"auditor\""));
        lines[token] = lines[token].Replace("\\u001F", "\\u0000");

        (await ImportAsync(engine, fixture.Forge(lines))).ShouldNotBeNull().ShouldContain("does not take this row of 'api_tokens'");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_written_meanwhile_is_not_in_the_file_or_all_of_it_is(bool postgres)
    {
        await using DatabaseEngine engine = postgres ? TestEngine.Engine(await fixture.PostgresAsync()) : new SqliteEngine(fixture.SqlitePath(), null);
        (await ImportAsync(engine, fixture.File)).ShouldBeNull();
        await using var database = engine.CreateDbContext();
        await using var other = engine.CreateDbContext();
        var file = new InterruptedStream(async () =>
        {
            // The header is out, so the snapshot stands.
            await other.Peers.ExecuteDeleteAsync();
            await other.Networks.ExecuteDeleteAsync();
        });

        await new Export(database, fixture.Sealer, new TransferProgress(TextWriter.Null, "", TimeProvider.System), TimeProvider.System).WriteAsync(file, CancellationToken.None);

        file.Interrupted.ShouldBeTrue();
        TransferFixture.Lines(file.ToArray())[1..^1].ShouldBe(TransferFixture.Lines(fixture.File)[1..^1]);
        (await other.Networks.CountAsync()).ShouldBe(0);
    }

    private Task<string?> ImportAsync(DatabaseEngine engine, byte[] file, KeySealer? sealer = null) => Prepared(engine, async database =>
    {
        var written = await TransferFixture.Import(database, sealer ?? fixture.Sealer).WriteAsync(new MemoryStream(file), CancellationToken.None);
        return written.Refusal?.Detail;
    });

    private Task<byte[]> ExportAsync(DatabaseEngine engine) => Prepared(engine, database => TransferFixture.ExportAsync(database, fixture.Sealer));

    private static async Task<T> Prepared<T>(DatabaseEngine engine, Func<ElysiumDatabase, Task<T>> work)
    {
        T result = default!;
        (await engine.PrepareAsync(
            async (database, _) =>
            {
                result = await work(database);
                return null;
            },
            CancellationToken.None)).ShouldBeNull();
        return result;
    }

    private sealed class InterruptedStream(Func<Task> meanwhile) : MemoryStream
    {
        public bool Interrupted { get; private set; }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await InterruptAsync();
            Write(buffer.Span);
        }

        public override async Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            await InterruptAsync();
            Write(buffer, offset, count);
        }

        private async Task InterruptAsync()
        {
            if (!Interrupted)
            {
                Interrupted = true;
                await meanwhile();
            }
        }
    }
}
