using Elysium.Lab;
using Elysium.Lab.Product;

namespace Elysium.EndToEnd.Tests.Administration;

public sealed class LoginTests(InstallationFixture fixture) : IClassFixture<InstallationFixture>
{
    [Fact]
    public async Task An_operator_who_logged_in_with_pin_and_token_needs_neither_again()
    {
        var network = await fixture.NetworkAsync();
        var operatorHost = fixture.Machine();
        (await LoginAsync(operatorHost, await PinAsync())).Succeeded();

        (await operatorHost.ElysiumAsync(["network", "list"])).Succeeded().Output.ShouldContain(network.Name);
        var code = (await operatorHost.ElysiumAsync(["token", "create", network.Name])).Succeeded().Output.Trim();
        (await fixture.Machine().JoinAsync(code)).Succeeded();

        var profile = Path.Combine(operatorHost.Host.Folder, "home", ".config", "elysium", "profile.json");
        File.GetUnixFileMode(profile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task A_backend_that_is_not_the_one_pinned_never_gets_the_token()
    {
        var operatorHost = fixture.Machine();
        var refused = await LoginAsync(operatorHost, pin: new string('0', 64));

        refused.ExitCode.ShouldBe(8, refused.Errors);
        (await operatorHost.ElysiumAsync(["network", "list"])).ExitCode.ShouldNotBe(0);
    }

    private async Task<string> PinAsync() => (await File.ReadAllTextAsync(Path.Combine(fixture.Backend.Data, "pki", "root.pin"))).Trim();

    // As the quick start of the README does it: the token comes by a pipe and is on no command line.
    private async Task<CommandResult> LoginAsync(MachineHost machine, string pin)
    {
        var token = (await fixture.Backend.VerbAsync("admin-token")).Succeeded().Output;
        return await machine.Host.RunAsync(
            "sh", ["-c", $"cat | elysium login {fixture.Backend.Url} --pin {pin}"], input: token);
    }
}
