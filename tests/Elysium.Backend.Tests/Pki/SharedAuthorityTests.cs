using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Elysium.Lab.Postgres;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Tests.Pki;

/// <summary>Two backends, each with a data folder of its own, on one PostgreSQL.</summary>
[Trait(TestEngine.Trait, TestEngine.Postgres)]
public sealed class SharedAuthorityTests : IAsyncLifetime
{
    private readonly string _keys = Path.Combine(Directory.CreateTempSubdirectory("elysium-shared-test-").FullName, "sealing.key");
    private PostgresServer _server = null!;
    private DatabaseOptions _database = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.CreateAsync(new PostgresOptions { Durable = false });
        _database = TestEngine.Options(_server, await _server.CreateDatabaseAsync("shared"));
        DataDirectory.WriteSecret(_keys, System.Text.Encoding.ASCII.GetBytes(SealingKey.NewLine()));
    }

    public async ValueTask DisposeAsync()
    {
        Directory.Delete(Path.GetDirectoryName(_keys)!, recursive: true);
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_machine_that_joined_at_one_backend_is_known_at_the_other()
    {
        await using var one = await StartAsync();
        await one.CreateNetworkAsync();
        await using var two = await StartAsync(adminOf: one);

        two.Authority.Pin.ToArray().ShouldBe(one.Authority.Pin.ToArray());
        Directory.GetFiles(Path.Combine(two.DataDirectory, "pki")).Select(Path.GetFileName).Order().ShouldBe(["root.pem", "root.pin"]);
        var (alice, bob) = (await one.JoinAsync("alice"), await two.JoinAsync("bob"));
        bob.Address.ShouldBe("10.77.0.3");
        using var atTwo = two.Client(alice.Certificate);
        using var atOne = one.Client(bob.Certificate);
        (await atTwo.GetAsync("/v1/self/map")).EnsureSuccessStatusCode();
        (await atOne.GetAsync("/v1/self/map")).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Backends_that_start_at_once_on_an_empty_database_agree_on_one_CA_and_one_token()
    {
        var started = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            var options = Options(Directory.CreateTempSubdirectory("elysium-backend-test-").FullName);
            using var data = DataDirectory.Take(options.DataDirectory).Value;
            await using var engine = TestEngine.Engine(_database);
            using var installation = new Installation(options, data, TimeProvider.System);
            (await engine.PrepareAsync(installation.PrepareAsync, CancellationToken.None)).ShouldBeNull();
            return (options.DataDirectory, Pin: Convert.ToHexStringLower(installation.Authority.Pin.Span));
        }));

        try
        {
            started.Select(s => s.Pin).Distinct().Count().ShouldBe(1);
            started.Count(s => File.Exists(Path.Combine(s.DataDirectory, "pki", "root.key"))).ShouldBe(1);
            started.Count(s => File.Exists(Path.Combine(s.DataDirectory, "admin-token"))).ShouldBe(1);
            await using var engine = TestEngine.Engine(_database);
            await using var database = engine.CreateDbContext();
            (await database.Authorities.CountAsync()).ShouldBe(2);
            (await database.ApiTokens.CountAsync()).ShouldBe(1);
        }
        finally
        {
            foreach (var (folder, _) in started)
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private BackendOptions Options(string data) => TestBackend.DefaultOptions(data) with { Database = _database, SealingKeyFile = _keys };

    /// <summary>The first admin's token is where the first backend made it: an operator takes it along.</summary>
    private Task<TestBackend> StartAsync(TestBackend? adminOf = null) => TestBackend.StartAsync(o =>
    {
        if (adminOf is not null)
        {
            File.Copy(Path.Combine(adminOf.DataDirectory, "admin-token"), Path.Combine(o.DataDirectory, "admin-token"));
        }

        return Options(o.DataDirectory);
    });
}
