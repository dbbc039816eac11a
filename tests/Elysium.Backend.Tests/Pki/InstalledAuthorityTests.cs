using System.Net;
using System.Security.Cryptography;
using System.Text;
using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Elysium.Backend.Pki;
using Elysium.Linux;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Elysium.Backend.Tests.Pki;

public sealed class InstalledAuthorityTests : IDisposable
{
    private const string Domain = "test.elysium";
    private readonly string _folder = Directory.CreateTempSubdirectory("elysium-authority-test-").FullName;

    [Fact]
    public async Task The_first_start_makes_a_CA_whose_issuing_key_is_in_the_database_only_and_every_start_finds_it()
    {
        var pin = await StartAsync(_folder);

        Files("pki").ShouldBe(["issuing.pem", "root.key", "root.pem", "root.pin"]);
        Directory.GetFiles(Path.Combine(_folder, "pki")).Append(Path.Combine(_folder, "sealing.key"))
            .ShouldAllBe(file => File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        File.ReadAllText(Path.Combine(_folder, "pki", "root.pin")).Trim().ShouldBe(pin);
        var stored = await AuthoritiesAsync(_folder);
        stored.Count.ShouldBe(2);
        stored.Single(a => a.Role == AuthorityRole.Root).PrivateKeySealed.ShouldBeNull();
        KeySealer.KeyOf(stored.Single(a => a.Role == AuthorityRole.Issuing).PrivateKeySealed).ShouldNotBeNull();
        (await StartAsync(_folder)).ShouldBe(pin);
        (await AuthoritiesAsync(_folder)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_CA_of_version_0_1_0_is_taken_from_its_folder()
    {
        var made = MakeFolder(_folder);

        (await StartAsync(_folder)).ShouldBe(made);

        Files("pki").ShouldBe(["issuing.pem", "root.key", "root.pem", "root.pin"]);
        (await StartAsync(_folder)).ShouldBe(made);
    }

    [Fact]
    public async Task Whoever_dies_between_the_commit_and_the_removal_of_the_key_leaves_it_to_the_next_start()
    {
        MakeFolder(_folder);
        var key = File.ReadAllText(Path.Combine(_folder, "pki", "issuing.key"));
        var pin = await StartAsync(_folder);
        File.WriteAllText(Path.Combine(_folder, "pki", "issuing.key"), key);

        (await StartAsync(_folder)).ShouldBe(pin);

        Files("pki").ShouldNotContain("issuing.key");
    }

    [Fact]
    public async Task A_backend_with_nothing_but_the_database_and_the_sealing_key_has_the_same_CA()
    {
        var pin = await StartAsync(_folder);
        var other = Directory.CreateDirectory(Path.Combine(_folder, "other")).FullName;
        Copy("elysium.db", other);
        Copy("sealing.key", other);

        (await StartAsync(other)).ShouldBe(pin);

        Directory.GetFiles(Path.Combine(other, "pki")).Select(Path.GetFileName).Order().ShouldBe(["root.pem", "root.pin"]);
        File.Exists(Path.Combine(other, "admin-token")).ShouldBeFalse("the first backend made it, and has it");
    }

    [Fact]
    public async Task An_empty_folder_for_the_CA_is_as_good_as_none()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "pki"));

        await StartAsync(_folder);

        Files("pki").ShouldContain("root.key");
    }

    [Fact]
    public async Task A_folder_of_another_installation_is_refused_with_both_pins()
    {
        var pin = await StartAsync(_folder);
        Directory.Delete(Path.Combine(_folder, "pki"), recursive: true);
        var other = MakeFolder(_folder);

        var told = await RefusedAsync();

        told.ShouldContain(pin);
        told.ShouldContain(other);
        Files("pki").ShouldContain("issuing.key");
    }

    [Fact]
    public async Task A_folder_whose_key_another_database_took_is_refused()
    {
        await StartAsync(_folder);
        DeleteDatabase();

        (await RefusedAsync()).ShouldContain("without its issuing.key");

        (await AuthoritiesAsync(_folder)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_trust_domain_is_refused_from_the_folder_and_from_the_database()
    {
        MakeFolder(_folder);
        (await RefusedAsync(o => o with { TrustDomain = "other" })).ShouldContain("'spiffe://test.elysium'");
        (await AuthoritiesAsync(_folder)).ShouldBeEmpty();

        await StartAsync(_folder);
        (await RefusedAsync(o => o with { TrustDomain = "other" })).ShouldContain("'spiffe://test.elysium'");
    }

    [Theory]
    [InlineData("root.pem")]
    [InlineData("issuing.pem")]
    [InlineData("issuing.key")]
    public async Task A_torn_or_foreign_file_of_the_folder_is_refused_and_the_key_stays(string file)
    {
        MakeFolder(_folder);
        var path = Path.Combine(_folder, "pki", file);
        var whole = File.ReadAllText(path);
        File.WriteAllText(path, whole[..(whole.Length / 2)]);
        (await RefusedAsync()).ShouldContain("cannot be used");

        var other = Directory.CreateDirectory(Path.Combine(_folder, "other")).FullName;
        MakeFolder(other);
        File.Copy(Path.Combine(other, "pki", file), path, overwrite: true);
        (await RefusedAsync()).ShouldContain("cannot be used");

        File.WriteAllText(path, whole);
        await StartAsync(_folder);
    }

    [Fact]
    public async Task An_empty_folder_is_filled_and_not_replaced_because_it_may_be_a_mounted_one()
    {
        var pki = Directory.CreateDirectory(Path.Combine(_folder, "pki")).FullName;
        const UnixFileMode Mounted = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute;
        File.SetUnixFileMode(pki, Mounted);
        Directory.CreateDirectory(Path.Combine(pki, "lost+found"));

        await StartAsync(_folder);

        File.GetUnixFileMode(pki).ShouldBe(Mounted);
        Files("pki").ShouldBe(["issuing.pem", "root.key", "root.pem", "root.pin"]);
        Directory.Exists(pki + ".new").ShouldBeFalse();
    }

    [Fact]
    public async Task A_folder_that_was_being_filled_is_filled_by_the_next_start()
    {
        var pin = MakeFolder(_folder);
        var pki = Path.Combine(_folder, "pki");
        Directory.Move(pki, pki + ".new");
        Directory.CreateDirectory(pki);
        File.Copy(Path.Combine(pki + ".new", "root.key"), Path.Combine(pki, "root.key"));
        File.WriteAllText(Path.Combine(pki, "issuing.pem.new"), "half a");

        (await StartAsync(_folder)).ShouldBe(pin);

        Files("pki").ShouldBe(["issuing.pem", "root.key", "root.pem", "root.pin"]);
        Directory.Exists(pki + ".new").ShouldBeFalse();
    }

    [Theory]
    [InlineData("sealing.key.new")]
    [InlineData("admin-token.new")]
    [InlineData("pki/root.key.new")]
    public async Task What_cannot_be_written_at_the_first_start_is_told_in_a_line(string inTheWay)
    {
        Directory.CreateDirectory(Path.Combine(_folder, inTheWay, "folder"));

        (await RefusedAsync()).ShouldContain(_folder);
    }

    [Fact]
    public async Task A_database_that_takes_no_row_at_the_first_start_is_told_in_a_line()
    {
        await using (var database = Database(_folder))
        {
            await database.Database.MigrateAsync();
            await database.Database.ExecuteSqlRawAsync("CREATE TRIGGER full BEFORE INSERT ON certificate_authorities BEGIN SELECT RAISE(ABORT, 'it is full'); END");
        }

        (await RefusedAsync()).ShouldContain("it is full");
    }

    [Fact]
    public async Task Without_the_sealing_key_nothing_new_is_made()
    {
        await StartAsync(_folder);
        File.Move(Path.Combine(_folder, "sealing.key"), Path.Combine(_folder, "elsewhere"));

        (await RefusedAsync()).ShouldContain("the database holds keys that are sealed with it");

        File.Exists(Path.Combine(_folder, "sealing.key")).ShouldBeFalse();
        await StartAsync(_folder, o => o with { SealingKeyFile = Path.Combine(_folder, "elsewhere") });
    }

    [Fact]
    public async Task A_key_file_that_is_named_and_missing_is_refused_also_on_the_first_start()
    {
        (await RefusedAsync(o => o with { SealingKeyFile = Path.Combine(_folder, "nowhere") })).ShouldContain("There is no sealing key file");

        Files("").ShouldNotContain("nowhere");
        Directory.Exists(Path.Combine(_folder, "pki")).ShouldBeFalse();
    }

    [Fact]
    public async Task Another_sealing_key_is_refused_and_the_missing_one_is_named()
    {
        await StartAsync(_folder);
        using var sealer = SealingKeyFile.Read(Path.Combine(_folder, "sealing.key")).Value;
        DataDirectory.WriteSecret(Path.Combine(_folder, "sealing.key"), Encoding.ASCII.GetBytes(SealingKey.NewLine()));

        (await RefusedAsync()).ShouldContain($"it is sealed with key {sealer.First.Name}, which");
    }

    [Theory]
    [InlineData("UPDATE certificate_authorities SET private_key_sealed = substr(private_key_sealed, 1, 40) || x'00' || substr(private_key_sealed, 42) WHERE role = 'issuing'")]
    [InlineData("UPDATE certificate_authorities SET certificate = (SELECT certificate FROM certificate_authorities WHERE role = 'root') WHERE role = 'issuing'")]
    [InlineData("UPDATE certificate_authorities SET certificate = (SELECT certificate FROM certificate_authorities WHERE role = 'issuing') WHERE role = 'root'")]
    [InlineData("UPDATE certificate_authorities SET certificate = x'00'")]
    [InlineData("UPDATE certificate_authorities SET private_key_sealed = NULL")]
    [InlineData("UPDATE certificate_authorities SET role = 'issuing'")]
    [InlineData("UPDATE certificate_authorities SET id = '00000000-0000-0000-0000-000000000000' WHERE role = 'issuing'")]
    [InlineData("DELETE FROM certificate_authorities WHERE role = 'root'")]
    public async Task A_CA_that_somebody_changed_in_the_database_is_refused(string sql)
    {
        await StartAsync(_folder);
        await using (var database = Database(_folder))
        {
            await database.Database.ExecuteSqlRawAsync(sql);
        }

        (await RefusedAsync()).ShouldContain("CA");
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>What version 0.1.0 and set-ups leave in the data folder.</summary>
    private static string MakeFolder(string data)
    {
        new AuthorityFolder(Path.Combine(data, "pki")).Make(Domain, DateTimeOffset.Parse("2026-11-01"));
        return File.ReadAllText(Path.Combine(data, "pki", "root.pin")).Trim();
    }

    private static async Task<string> StartAsync(string data, Func<BackendOptions, BackendOptions>? with = null)
    {
        using var held = DataDirectory.Take(data).Value;
        using var installation = new Installation(Options(data, with), held, TimeProvider.System);
        await using var database = Engine(data);
        (await database.PrepareAsync(installation.PrepareAsync, CancellationToken.None))?.Detail.ShouldBeNull();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        installation.Authority.IssueServer(key, ["localhost"], TimeProvider.System.GetUtcNow()).Dispose();
        return Convert.ToHexStringLower(installation.Authority.Pin.Span);
    }

    private async Task<string> RefusedAsync(Func<BackendOptions, BackendOptions>? with = null)
    {
        using var held = DataDirectory.Take(_folder).Value;
        using var installation = new Installation(Options(_folder, with), held, TimeProvider.System);
        await using var database = Engine(_folder);
        return (await database.PrepareAsync(installation.PrepareAsync, CancellationToken.None)).ShouldNotBeNull().Detail;
    }

    private static async Task<List<StoredAuthority>> AuthoritiesAsync(string data)
    {
        await using var database = Database(data);
        return await database.Authorities.ToListAsync();
    }

    private static SqliteEngine Engine(string data) => new(DataDirectory.DatabaseIn(data), null);

    private static ElysiumDatabase Database(string data) => Engine(data).CreateDbContext();

    private static BackendOptions Options(string data, Func<BackendOptions, BackendOptions>? with)
    {
        var options = new BackendOptions
        {
            DataDirectory = data,
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            PublicUrl = new Uri("https://127.0.0.1:8080"),
            HubHosts = ["127.0.0.1"],
            TrustDomain = Domain,
            CertificateLifetime = TimeSpan.FromDays(7),
            RenewalGrace = TimeSpan.FromDays(30),
            AddressQuarantine = TimeSpan.FromHours(24),
            LogLevel = LogLevel.Error,
            WireGuard = EngineChoice.Automatic,
            WireGuardGo = "wireguard-go",
        };
        return with?.Invoke(options) ?? options;
    }

    private IEnumerable<string?> Files(string folder) => Directory.GetFiles(Path.Combine(_folder, folder)).Select(Path.GetFileName).Order();

    private void Copy(string file, string to)
    {
        SqliteConnection.ClearAllPools();
        File.Copy(Path.Combine(_folder, file), Path.Combine(to, file));
    }

    private void DeleteDatabase()
    {
        SqliteConnection.ClearAllPools();
        foreach (var file in Directory.GetFiles(_folder, "elysium.db*"))
        {
            File.Delete(file);
        }
    }
}
