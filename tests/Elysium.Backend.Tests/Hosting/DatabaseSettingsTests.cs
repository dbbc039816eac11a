using Elysium.Backend.Hosting;
using Npgsql;

namespace Elysium.Backend.Tests.Hosting;

public sealed class DatabaseSettingsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("elysium-settings-test-").FullName;

    [Fact]
    public void Without_a_host_the_database_is_a_file()
    {
        Read([]).Options!.Database.ShouldBeNull();
        Read(new() { ["DB_HOST"] = "", ["DB_PASSWORD"] = "" }).Options!.Database.ShouldBeNull();
    }

    [Fact]
    public void A_misspelt_host_does_not_end_in_an_empty_file()
    {
        var (options, problems) = Read(new() { ["DB_HSOT"] = "db.example.org", ["DB_USER"] = "app" });

        options.ShouldBeNull();
        problems.ShouldContain(p => p.StartsWith("DB_HSOT='db.example.org' in the environment is no setting."));
        problems.ShouldContain(p => p.StartsWith("DB_USER is set and DB_HOST is not"));
    }

    [Fact]
    public void A_host_alone_takes_the_defaults_and_a_server_that_proves_itself()
    {
        var database = Read(new() { ["DB_HOST"] = "db.example.org" }).Options!.Database!;

        (database.Port, database.Name, database.User, database.Password, database.OwnerUser, database.MaxConnections, database.SslMode)
            .ShouldBe((5432, "elysium", "elysium", null, null, 20, SslMode.VerifyFull));
        database.IsExposed.ShouldBeFalse();
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("localhost")]
    [InlineData("/run/postgresql")]
    public void On_the_machine_itself_nobody_is_between(string host)
    {
        var database = Read(new() { ["DB_HOST"] = host }).Options!.Database!;

        (database.SslMode, database.IsExposed).ShouldBe((SslMode.Prefer, false));
    }

    [Theory]
    [InlineData("disable", SslMode.Disable, true)]
    [InlineData("prefer", SslMode.Prefer, true)]
    [InlineData("require", SslMode.Require, true)]
    [InlineData("verify-ca", SslMode.VerifyCA, false)]
    [InlineData("verify-full", SslMode.VerifyFull, false)]
    public void The_modes_are_those_of_libpq(string text, SslMode mode, bool exposed)
    {
        var database = Read(new() { ["DB_HOST"] = "192.0.2.1", ["DB_SSLMODE"] = text }).Options!.Database!;

        (database.SslMode, database.IsExposed).ShouldBe((mode, exposed));
    }

    [Fact]
    public void Passwords_may_stand_in_files_and_are_taken_as_they_are()
    {
        var file = FileWith("from file \n");

        var database = Read(new() { ["DB_HOST"] = "localhost", ["DB_PASSWORD_FILE"] = file, ["DB_OWNER_USER"] = "owner", ["DB_OWNER_PASSWORD"] = " blanks count " }).Options!.Database!;

        (database.Password, database.OwnerPassword).ShouldBe(("from file ", " blanks count "));
    }

    [Fact]
    public void No_password_is_in_a_problem_or_a_text()
    {
        var (options, problems) = Read(new()
        {
            ["DB_HOST"] = "db.example.org:5432",
            ["DB_PASSWORD"] = "hidden1",
            ["DB_PASSWORD_FILE"] = FileWith("hidden2"),
            ["DB_OWNER_PASSWORD"] = "hidden3",
            ["DB_PASSWD"] = "hidden4",
            ["DB_URL"] = "postgres://app:hidden5@db",
            ["DB_PORT"] = "0",
        });

        options.ShouldBeNull();
        problems.Count.ShouldBe(6);
        problems.ShouldNotContain(p => p.Contains("hidden"));
        Read(new() { ["DB_HOST"] = "localhost", ["DB_PASSWORD"] = "hidden" }).Options!.ToString().ShouldNotContain("hidden");
    }

    [Theory]
    [InlineData("DB_HOST", "db.example.org:5432", "DB_HOST='db.example.org:5432' is not a DNS name, an IP address without port")]
    [InlineData("DB_PORT", "x", "DB_PORT='x' is not a TCP port")]
    [InlineData("DB_MAX_CONNECTIONS", "3", "DB_MAX_CONNECTIONS='3' is not a number from 4 to 1000")]
    [InlineData("DB_SSLMODE", "allow", "DB_SSLMODE='allow' is not one of disable")]
    [InlineData("DB_SSLROOTCERT", "/no/such/file", "DB_SSLROOTCERT='/no/such/file' is not the absolute path of a file that can be read")]
    [InlineData("DB_PASSWORD_FILE", "hunter2", "DB_PASSWORD_FILE is not the absolute path")]
    [InlineData("DB_HOST", "postgres://app:sekret@db/x", "DB_HOST is not a DNS name, an IP address without port")]
    [InlineData("DB_SSLCERT", "/proc/version", "DB_SSLCERT and DB_SSLKEY go together")]
    [InlineData("DB_OWNER_PASSWORD", "x", "DB_OWNER_PASSWORD is set and DB_OWNER_USER is not")]
    [InlineData("DB_NAME", " ", "DB_NAME='' is not the name of a database")]
    public void What_cannot_be_used_is_named(string name, string value, string problem)
    {
        var settings = new Dictionary<string, string> { ["DB_HOST"] = "db.example.org" };
        settings[name] = value;

        Read(settings).Problems.ShouldHaveSingleItem().ShouldStartWith(problem);
    }

    [Fact]
    public void A_root_that_nobody_would_look_at_is_refused()
    {
        Read(new() { ["DB_HOST"] = "db.example.org", ["DB_SSLMODE"] = "require", ["DB_SSLROOTCERT"] = "/proc/version" })
            .Problems.ShouldHaveSingleItem().ShouldContain("set DB_SSLMODE to verify-full");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string FileWith(string text)
    {
        var path = Path.Combine(_folder, "file");
        File.WriteAllText(path, text);
        return path;
    }

    private static (BackendOptions? Options, IReadOnlyList<string> Problems) Read(Dictionary<string, string> environment) => Settings.Read(environment, "/nonexistent/.env");
}
