using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Elysium.Lab.Postgres;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Elysium.Backend.Tests.Postgres;

/// <summary>Who the server is, and who we are, proved by certificates.</summary>
[Trait(TestEngine.Trait, TestEngine.Postgres)]
public sealed class TlsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_proves_itself_is_used_and_no_other(bool clientCertificates)
    {
        using var tls = new PostgresTls();
        await using var server = await PostgresServer.CreateAsync(new PostgresOptions { Tls = tls, ClientCertificates = clientCertificates, Durable = false });
        await server.CreateDatabaseAsync("sealed");
        var settings = server.SettingsFor("sealed").Where(s => s.Value is not null).ToDictionary(s => s.Key, s => s.Value!);
        var (options, problems) = Settings.Read(settings, "/nonexistent/.env");
        problems.ShouldBeEmpty();
        var database = options!.Database!;
        database.SslMode.ShouldBe(SslMode.VerifyFull);

        (await PrepareAsync(database))?.Detail.ShouldBeNull();

        using var other = new PostgresTls();
        await using var stranger = await PostgresServer.CreateAsync(new PostgresOptions { Tls = other, Durable = false });
        (await PrepareAsync(database with { RootCertificate = other.RootFile }))!.Detail.ShouldContain("does not prove to be the server that DB_SSLROOTCERT and DB_HOST name");
        (await PrepareAsync(database with { SslMode = SslMode.Disable, RootCertificate = null, Certificate = null, Key = null }))!.Detail.ShouldContain("no encryption");
        if (clientCertificates)
        {
            (await PrepareAsync(database with { Certificate = null, Key = null, Password = "x" }))!.Detail.ShouldContain("certificate");
        }
    }

    private static async Task<Refusal?> PrepareAsync(DatabaseOptions database)
    {
        await using var engine = TestEngine.Engine(database);
        return await engine.PrepareAsync(static async (context, token) => await context.Networks.AnyAsync(token) ? null : null, CancellationToken.None);
    }
}
