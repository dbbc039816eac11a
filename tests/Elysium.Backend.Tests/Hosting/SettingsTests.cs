using Elysium.Backend.Hosting;

namespace Elysium.Backend.Tests.Hosting;

public sealed class SettingsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("elysium-settings-test-").FullName;

    [Fact]
    public void Without_any_setting_the_defaults_stand()
    {
        var (options, problems) = Read([]);

        problems.ShouldBeEmpty();
        options!.Listen.ToString().ShouldBe("[::]:8080");
        options.DataDirectory.ShouldBe("/var/lib/elysium-backend");
        options.CertificateLifetime.ShouldBe(TimeSpan.FromDays(7));
        options.PublicUrl.Port.ShouldBe(8080);
        options.HubHosts.ShouldBe([options.PublicUrl.IdnHost]);
    }

    [Fact]
    public void The_environment_wins_over_the_file_and_the_file_over_the_defaults()
    {
        var (options, problems) = Read(
            new() { ["ELYSIUM_TRUST_DOMAIN"] = "from-environment" },
            """
            # A comment
            ELYSIUM_TRUST_DOMAIN=from-file
            ELYSIUM_PUBLIC_URL="https://vpn.example.org:8443"
            export ELYSIUM_RENEWAL_GRACE='0s'
            """);

        problems.ShouldBeEmpty();
        options!.TrustDomain.ShouldBe("from-environment");
        options.PublicUrl.ShouldBe(new Uri("https://vpn.example.org:8443"));
        options.HubHosts.ShouldBe(["vpn.example.org"]);
        options.RenewalGrace.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void Every_problem_is_told_at_once_with_its_value_and_what_is_allowed()
    {
        var (options, problems) = Read(
            new() { ["ELYSIUM_LISTEN"] = "8080", ["ELYSIUM_LISTNE"] = "x", ["ELYSIUM_CERTIFICATE_LIFETIME"] = "1s" },
            """
            ELYSIUM_PUBLIC_URL=http://vpn.example.org
            DB_HSOT=db.example.org
            ELYSIUM_WIREGUARD=boringtun
            """);

        options.ShouldBeNull();
        problems.Count.ShouldBe(6);
        problems.ShouldContain(p => p.StartsWith("ELYSIUM_LISTEN='8080' is not an address and a TCP port"));
        problems.ShouldContain(p => p.StartsWith("ELYSIUM_LISTNE='x' in the environment is no setting. Known are: ELYSIUM_PUBLIC_URL,"));
        problems.ShouldContain(p => p.StartsWith("ELYSIUM_CERTIFICATE_LIFETIME='1s' is not a duration from 1m to 90d"));
        problems.ShouldContain(p => p.StartsWith("ELYSIUM_PUBLIC_URL='http://vpn.example.org' is not an https URL"));
        problems.ShouldContain(p => p.StartsWith("DB_HSOT='db.example.org' in "));
        problems.ShouldContain(p => p.StartsWith("ELYSIUM_WIREGUARD='boringtun' is not one of auto, kernel, userspace"));
    }

    [Theory]
    [InlineData("ELYSIUM_LISTEN", "localhost:8080")]
    [InlineData("ELYSIUM_LISTEN", "0.0.0.0:99999")]
    [InlineData("ELYSIUM_LISTEN", "")]
    [InlineData("ELYSIUM_PUBLIC_URL", "https://vpn.example.org/path")]
    [InlineData("ELYSIUM_DATA_DIR", "relative/path")]
    [InlineData("ELYSIUM_TRUST_DOMAIN", "Upper")]
    [InlineData("ELYSIUM_HUB_HOST", "vpn.example.org:51820")]
    [InlineData("ELYSIUM_PUBLIC_URL", "https://[fe80::1]:8080")]
    [InlineData("ELYSIUM_PUBLIC_URL", "https://[fe80::1%25eth0]:8080")]
    [InlineData("ELYSIUM_PUBLIC_URL", "https://fd00::1:8080")]
    [InlineData("ELYSIUM_LISTEN", "[fe80::1%1]:8080")]
    [InlineData("ELYSIUM_LISTEN", "::")]
    [InlineData("ELYSIUM_HUB_HOST", "[2001:db8::1]:51820")]
    [InlineData("ELYSIUM_HUB_HOST", "fe80::1")]
    [InlineData("ELYSIUM_HUB_HOST", "fe80::1%eth0")]
    [InlineData("ELYSIUM_HUB_HOST", "::")]
    [InlineData("ELYSIUM_HUB_HOST", "ff02::1")]
    [InlineData("ELYSIUM_HUB_HOST", "::ffff:192.0.2.1")]
    [InlineData("ELYSIUM_HUB_HOST", "0.0.0.0")]
    [InlineData("ELYSIUM_HUB_HOST", "192.0.2.1,,2001:db8::1")]
    [InlineData("ELYSIUM_HUB_HOST", "192.0.2.1 2001:db8::1")]
    [InlineData("ELYSIUM_RENEWAL_GRACE", "soon")]
    [InlineData("ELYSIUM_RENEWAL_GRACE", "-1d")]
    [InlineData("ELYSIUM_ADDRESS_QUARANTINE", "99999999999d")]
    [InlineData("ELYSIUM_LOG_LEVEL", "verbose")]
    [InlineData("ELYSIUM_LOG_LEVEL", "3")]
    [InlineData("ELYSIUM_WIREGUARD_GO", "")]
    public void A_malformed_value_is_named(string name, string value)
    {
        var (options, problems) = Read(new() { [name] = value });

        options.ShouldBeNull();
        problems.ShouldHaveSingleItem().ShouldStartWith($"{name}='{value}' is not ");
    }

    [Fact]
    public void A_name_or_password_in_the_url_is_not_shown() =>
        Read(new() { ["ELYSIUM_PUBLIC_URL"] = "https://user:sekret@vpn.example.org" }).Problems.ShouldHaveSingleItem().ShouldStartWith("ELYSIUM_PUBLIC_URL is not ");

    [Fact]
    public void Hub_and_backend_may_stand_behind_addresses_of_both_families()
    {
        var (options, problems) = Read(new()
        {
            ["ELYSIUM_PUBLIC_URL"] = "https://[2001:db8::1]:8080",
            ["ELYSIUM_LISTEN"] = "[::]:8080",
            ["ELYSIUM_HUB_HOST"] = "[2001:DB8::1], 192.0.2.1,vpn.example.org, 192.0.2.1",
        });

        problems.ShouldBeEmpty();
        options!.PublicUrl.GetLeftPart(UriPartial.Authority).ShouldBe("https://[2001:db8::1]:8080");
        options.HubHosts.ShouldBe(["2001:db8::1", "192.0.2.1", "vpn.example.org"]);
        Read(new() { ["ELYSIUM_PUBLIC_URL"] = "https://[2001:db8::1]:8080" }).Options!.HubHosts.ShouldBe(["2001:db8::1"]);
    }

    [Fact]
    public void A_file_with_the_same_name_twice_or_that_is_no_env_file_is_refused()
    {
        Read([], "ELYSIUM_TRUST_DOMAIN=a\nELYSIUM_TRUST_DOMAIN=b").Problems.ShouldHaveSingleItem().ShouldContain("more than once");
        Read([], "this is no setting").Problems.ShouldHaveSingleItem().ShouldContain("cannot be read");
    }

    [Fact]
    public void The_example_file_explains_every_setting_and_shows_its_default()
    {
        var lines = File.ReadAllLines(Path.Combine(RepositoryRoot(), ".env.example"));

        foreach (var setting in Settings.All)
        {
            var at = Array.FindIndex(lines, l => l == $"#{setting.Name}={setting.Default}");
            at.ShouldBeGreaterThan(0, $"{setting.Name} with its default, commented out");
            lines[at - 1].ShouldStartWith("# ");
            lines.ShouldContain(l => l.StartsWith("# ") && l.Contains(setting.Allowed), $"what {setting.Name} takes: {setting.Allowed}");
        }

        lines.Count(l => l.StartsWith("#ELYSIUM_") || l.StartsWith("#DB_")).ShouldBe(Settings.All.Count);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (BackendOptions? Options, IReadOnlyList<string> Problems) Read(Dictionary<string, string> environment, string? file = null)
    {
        var path = Path.Combine(_folder, ".env");
        if (file is not null)
        {
            File.WriteAllText(path, file);
        }

        return Settings.Read(environment, path);
    }

    private static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Elysium.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside the repository.");
        }

        return folder;
    }
}
