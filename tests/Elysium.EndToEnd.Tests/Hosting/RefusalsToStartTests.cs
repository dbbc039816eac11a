using Elysium.Lab;

namespace Elysium.EndToEnd.Tests.Hosting;

/// <summary>What a machine lacks is told in one line that says what to do, and never as a stack trace.</summary>
public sealed class RefusalsToStartTests(InstallationFixture fixture) : IClassFixture<InstallationFixture>
{
    private const string AsNobody = "setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all";

    [Fact]
    public async Task An_agent_without_root_says_that_it_needs_it() =>
        Told(await ShellAsync($"exec {AsNobody} elysium run"), 7).ShouldContain("root");

    [Fact]
    public async Task Joining_without_root_says_that_it_needs_it()
    {
        var network = await fixture.NetworkAsync();
        var code = await fixture.Backend.CreateJoinCodeAsync(network.Name);

        Told(await ShellAsync($"exec {AsNobody} elysium join {code} --name nobody"), 7).ShouldContain("root");
        (await fixture.Backend.PeersAsync(network.Name)).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_agent_without_a_tun_device_names_it() =>
        Told(await ShellAsync("exec unshare -m sh -c 'mount -t tmpfs none /dev/net && exec elysium run'"), 7).ShouldContain("/dev/net/tun");

    [Fact]
    public async Task A_backend_whose_port_is_taken_says_which()
    {
        var result = await fixture.Backend.Host.RunAsync(
            Binaries.Backend, [], new Dictionary<string, string?>(fixture.Backend.Settings) { ["ELYSIUM_DATA_DIR"] = "/var/lib/another" });
        Told(result, 1).ShouldContain("8080");
    }

    [Fact]
    public async Task A_second_backend_on_the_same_data_folder_is_refused() =>
        Told(await fixture.Backend.VerbAsync("serve"), 1).ShouldContain("/var/lib/elysium-backend");

    [Fact]
    public async Task A_backend_whose_data_folder_is_read_only_names_it()
    {
        var result = await ShellAsync(
            "mkdir -p /var/lib/data && exec unshare -m sh -c 'mount -t tmpfs -o ro none /var/lib/data && exec backend/elysium-backend'",
            new() { ["ELYSIUM_DATA_DIR"] = "/var/lib/data", ["ELYSIUM_PUBLIC_URL"] = fixture.Backend.Url });
        Told(result, 1).ShouldContain("/var/lib/data");
    }

    [Fact]
    public async Task A_backend_with_several_wrong_settings_names_all_of_them()
    {
        var result = await ShellAsync(
            "exec backend/elysium-backend",
            new() { ["ELYSIUM_LISTEN"] = "nowhere", ["ELYSIUM_LOG_LEVEL"] = "loud", ["ELYSIUM_NO_SUCH"] = "1" });
        result.ExitCode.ShouldNotBe(0);
        foreach (var part in (string[])["ELYSIUM_LISTEN", "nowhere", "ELYSIUM_LOG_LEVEL", "loud", "ELYSIUM_NO_SUCH"])
        {
            result.Errors.ShouldContain(part);
        }
    }

    [Fact]
    public async Task A_hub_without_a_tun_device_serves_and_tells_what_its_network_lacks()
    {
        var host = fixture.Installation.Lab.AddHost("no-tun");
        var url = $"https://{host.Address}:8080";
        var backend = await host.StartAsync(
            "sh",
            ["-c", $"exec unshare -m sh -c 'mount -t tmpfs none /dev/net && exec {Binaries.Backend}'"],
            new Dictionary<string, string?> { ["ELYSIUM_DATA_DIR"] = "/var/lib/data", ["ELYSIUM_PUBLIC_URL"] = url });
        await backend.SaysAsync("Ready", Expect.Soon);

        var admin = await Credentials(host, url);
        (await host.RunAsync(Binaries.Client, ["network", "create", "home"], admin)).Succeeded();
        await Eventually.HoldsAsync(
            "the network says what is wrong",
            Expect.Soon,
            async () => (await host.RunAsync(Binaries.Client, ["network", "show", "home", "--json"], admin)).Succeeded().Output.Contains("/dev/net/tun", StringComparison.Ordinal));
    }

    private static async Task<Dictionary<string, string?>> Credentials(LabHost host, string url) => new()
    {
        ["ELYSIUM_URL"] = url,
        ["ELYSIUM_API_TOKEN"] = (await host.RunAsync(
            Binaries.Backend,
            ["admin-token"],
            new Dictionary<string, string?> { ["ELYSIUM_DATA_DIR"] = "/var/lib/data", ["ELYSIUM_PUBLIC_URL"] = url })).Succeeded().Output.Trim(),
        ["ELYSIUM_CA_PIN"] = (await File.ReadAllTextAsync(Path.Combine(host.VarLib, "data", "pki", "root.pin"))).Trim(),
    };

    // The binaries stand on a path that others than root may enter; the host's PATH leads there.
    private Task<CommandResult> ShellAsync(string command, Dictionary<string, string?>? variables = null)
    {
        var machine = fixture.Machine();
        return machine.Host.RunAsync("sh", ["-c", $"cd {Path.GetDirectoryName(Binaries.Client)} && {command}"], variables);
    }

    private static string Told(CommandResult result, int exitCode)
    {
        result.ExitCode.ShouldBe(exitCode, result.Errors + result.Output);
        var said = result.Errors + result.Output;
        said.ShouldNotContain("   at ");
        return said;
    }
}
