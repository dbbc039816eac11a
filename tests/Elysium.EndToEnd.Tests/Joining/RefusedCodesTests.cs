using Elysium.Contracts;
using Elysium.Lab;

namespace Elysium.EndToEnd.Tests.Joining;

public sealed class RefusedCodesTests(InstallationFixture fixture) : IClassFixture<InstallationFixture>
{
    [Theory]
    [InlineData("cut off at its end")]
    [InlineData("one character altered")]
    [InlineData("two characters swapped")]
    [InlineData("without its start")]
    public async Task A_damaged_code_is_refused_before_anything_is_asked_or_written(string damage)
    {
        var machine = fixture.Machine();
        var result = await machine.JoinAsync(Damage(Code(), damage));

        OneLineOf(result, exitCode: 2);
        Directory.Exists(machine.State).ShouldBeFalse();
    }

    [Fact]
    public async Task A_code_that_is_used_up_is_refused_and_says_so()
    {
        var network = await fixture.NetworkAsync();
        var code = await fixture.Backend.CreateJoinCodeAsync(network.Name, uses: 1);
        (await fixture.Machine().JoinAsync(code)).Succeeded();

        OneLineOf(await fixture.Machine().JoinAsync(code), exitCode: 5).ShouldContain("use");
        (await fixture.Backend.PeersAsync(network.Name)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_code_that_is_revoked_is_refused_and_says_so()
    {
        var network = await fixture.NetworkAsync();
        var text = await fixture.Backend.CreateJoinCodeAsync(network.Name);
        JoinCode.TryParse(text, out var code, out _).ShouldBeTrue();
        (await fixture.Backend.AdminAsync(["token", "revoke", code!.TokenPrefix, "--yes"])).Succeeded();

        OneLineOf(await fixture.Machine().JoinAsync(text), exitCode: 5).ShouldContain("revoked");
        (await fixture.Backend.PeersAsync(network.Name)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_code_with_an_unknown_secret_is_refused()
    {
        var real = await RealCodeAsync();
        var other = new JoinCode(real.Url, real.Pin.Span, new byte[JoinCode.SecretLength]);

        OneLineOf(await fixture.Machine().JoinAsync(other.Reveal()), exitCode: 5);
    }

    [Fact]
    public async Task A_backend_that_is_not_the_one_pinned_never_gets_the_secret()
    {
        var real = await RealCodeAsync();
        var wrongPin = new JoinCode(real.Url, new byte[JoinCode.SecretLength], real.Secret.Span);

        OneLineOf(await fixture.Machine().JoinAsync(wrongPin.Reveal()), exitCode: 8);
        (await fixture.Machine().JoinAsync(real.Reveal())).Succeeded(); // its one use is still there
    }

    [Fact]
    public async Task A_name_that_is_taken_is_refused_and_another_one_joins_with_the_same_code()
    {
        var network = await fixture.NetworkAsync();
        var first = (await fixture.JoinedAsync(network, 1))[0];
        var second = fixture.Machine();
        var code = await fixture.Backend.CreateJoinCodeAsync(network.Name);

        OneLineOf(await second.ElysiumAsync(["join", code, "--name", first.Host.Name]), exitCode: 5).ShouldContain("--name");
        (await second.JoinAsync(code)).Succeeded();
    }

    [Theory]
    [InlineData("Upper")]
    [InlineData("-start")]
    [InlineData("dotted.name")]
    public async Task A_name_that_is_no_label_is_refused_on_the_spot(string name)
    {
        var machine = fixture.Machine();
        var result = await machine.ElysiumAsync(["join", Code(), $"--name={name}"]);

        OneLineOf(result, exitCode: 2).ShouldContain(name);
    }

    private async Task<JoinCode> RealCodeAsync()
    {
        var network = await fixture.NetworkAsync();
        JoinCode.TryParse(await fixture.Backend.CreateJoinCodeAsync(network.Name), out var code, out _).ShouldBeTrue();
        return code!;
    }

    private string Code() =>
        new JoinCode(new Uri(fixture.Backend.Url), new byte[JoinCode.SecretLength], new byte[JoinCode.SecretLength]).Reveal();

    private static string Damage(string code, string how) => how switch
    {
        "cut off at its end" => code[..^5],
        "one character altered" => $"{code[..20]}{(code[20] == 'B' ? 'C' : 'B')}{code[21..]}",
        "two characters swapped" => $"{code[..^12]}{code[^11]}{code[^12]}{code[^10..]}",
        _ => code[JoinCode.Prefix.Length..],
    };

    // One line, for people, and no secret in it.
    private static string OneLineOf(CommandResult result, int exitCode)
    {
        result.ExitCode.ShouldBe(exitCode, result.Errors);
        var lines = result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(1, result.Errors);
        lines[0].ShouldStartWith("elysium: ");
        result.Errors.ShouldNotContain(JoinCode.SecretPrefix);
        return lines[0];
    }
}
