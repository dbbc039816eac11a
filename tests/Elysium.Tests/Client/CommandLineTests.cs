using System.Text.Json;
using Elysium.Client;
using Elysium.Client.Output;
using Elysium.Client.State;
using Elysium.Contracts;
using Elysium.Tests.Client.Backend;
using Microsoft.Extensions.Time.Testing;

namespace Elysium.Tests.Client;

public sealed class CommandLineTests : IDisposable
{
    private static readonly string Secret = new JoinCode(new Uri("https://127.0.0.1:1"), new byte[32], new byte[32]).Reveal();

    private readonly JoinedMachine _machine = new();

    [Theory]
    [InlineData("", "command")]
    [InlineData("jion", "did you mean 'join'")]
    [InlineData("statsu", "did you mean 'status'")]
    [InlineData("frobnicate", "'frobnicate' is no command of 'elysium'. See 'elysium --help'")]
    [InlineData("network lst", "did you mean 'list'")]
    [InlineData("network", "See 'elysium network --help'")]
    [InlineData("join", "CODE")]
    [InlineData("join ely1_x --name Web", "'Web' is no name for a machine")]
    [InlineData("join ely1_x --interface a/b", "'a/b' is no name for an interface")]
    [InlineData("join ely1_AAAA", "too short")]
    [InlineData("join nonsense", "ely1_")]
    [InlineData("join -", "empty")]
    [InlineData("status --jsn", "--jsn")]
    [InlineData("ping hub -c 0", "1 to 1000000")]
    [InlineData("ping hub -c abc", "1 to 1000000")]
    [InlineData("ping hub -c 99999999999", "1 to 1000000")]
    [InlineData("login http://a.example", "'http://a.example' is no URL")]
    [InlineData("login https://a.example --pin 12", "'12' is no pin")]
    [InlineData("token create office --expires soon", "'soon' is no time span")]
    [InlineData("token create office --uses many", "many")]
    [InlineData("network create office --mtu big", "big")]
    [InlineData("network list", "elysium login URL")]
    public async Task A_wrong_command_line_is_2_and_one_line_that_says_what_to_do(string line, string says)
    {
        var (code, output, error) = await RunAsync(line);
        code.ShouldBe(ExitCode.Usage, error);
        output.ShouldBeEmpty();
        error.ShouldStartWith("elysium: ");
        error.ShouldContain(says);
        error.Trim().Split('\n').ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("run {0}")]
    [InlineData("jion {0}")]
    [InlineData("status {0}")]
    [InlineData("join {0} {0}")]
    [InlineData("join x --name {0}")]
    [InlineData("join x --interface {0}")]
    [InlineData("login {0}")]
    [InlineData("join {0}x")]
    public async Task A_join_code_in_the_wrong_place_is_not_repeated(string line)
    {
        var (code, _, error) = await RunAsync(string.Format(line, Secret));
        code.ShouldBe(ExitCode.Usage);
        error.ShouldNotContain(Secret[5..20]);
    }

    [Theory]
    [InlineData("network delete office")]
    [InlineData("peer revoke office web-1")]
    [InlineData("token revoke 0badcafe")]
    public async Task Who_cannot_be_asked_must_say_yes_before_anything_is_destroyed(string line)
    {
        await using var installation = new ListeningInstallation();
        var (code, output, error) = await RunAsync(line, installation.Environment);
        code.ShouldBe(ExitCode.Usage, error);
        error.ShouldContain("--yes");
        output.ShouldBeEmpty();
        installation.Server.Requests.ShouldAllBe(r => r.StartsWith("GET /v1/trust "));
    }

    [Fact]
    public async Task A_machine_in_no_network_says_so()
    {
        foreach (var line in new[] { "status", "peers", "ping hub", "leave office" })
        {
            var (code, _, error) = await RunAsync(line);
            code.ShouldBe(ExitCode.NotJoined, line);
            error.ShouldStartWith("elysium: ");
        }

        var (json, output, _) = await RunAsync("status --json");
        json.ShouldBe(ExitCode.NotJoined);
        JsonDocument.Parse(output).RootElement.GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Without_an_agent_a_status_that_says_connected_is_not_believed()
    {
        var network = _machine.Join();
        network.WriteStatus(new AgentStatus(true, Installation.Start, Installation.Start, null, null, null, 1, Installation.Start));
        (await StatusAsync()).GetProperty("standing").GetString().ShouldBe("agentStopped");
        using (network.TryServe())
        {
            (await StatusAsync()).GetProperty("standing").GetString().ShouldBe("connected");
            var hung = Installation.Start.AddMinutes(2);
            (await StatusAsync(hung)).GetProperty("standing").GetString().ShouldBe("stale");
        }

        var stopped = await StatusAsync();
        stopped.GetProperty("standing").GetString().ShouldBe("agentStopped");
        stopped.GetProperty("network").GetString().ShouldBe("office");
        stopped.GetProperty("mapVersion").GetInt64().ShouldBe(7);
        stopped.GetProperty("peers").GetInt32().ShouldBe(2);
        stopped.GetProperty("engine").ValueKind.ShouldBe(JsonValueKind.Null);
        stopped.GetProperty("staleSince").GetDateTimeOffset().ShouldBe(Installation.Start);

        network.WriteRevocation(new Revocation("An operator revoked it.", Installation.Start));
        (await StatusAsync()).GetProperty("standing").GetString().ShouldBe("revoked");
    }

    [Fact]
    public async Task Joining_again_with_a_code_that_joined_before_is_harmless()
    {
        var code = new JoinCode(new Uri("https://127.0.0.1:1"), new byte[32], new byte[32]);
        _machine.Join(token: code.TokenPrefix);
        var (exit, output, _) = await RunAsync($"join {Secret} --json");
        exit.ShouldBe(ExitCode.Ok);
        JsonDocument.Parse(output).RootElement.GetProperty("wasJoinedBefore").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task Leaving_while_the_backend_is_away_changes_nothing_and_names_force()
    {
        var network = _machine.Join();
        network.WriteMap(network.ReadMap()! with { Map = network.ReadMap()!.Map with { Backends = [] } });
        var (code, _, error) = await RunAsync("leave office");
        code.ShouldBe(ExitCode.BackendUnreachable, error);
        error.ShouldContain("--force");
        error.Trim().Split('\n').ShouldHaveSingleItem();
        _machine.State.Find("office").ShouldNotBeNull().IsLeft.ShouldBeFalse();
    }

    [Fact]
    public async Task The_reference_page_and_the_help_name_every_exit_code()
    {
        var codes = Enum.GetValues<ExitCode>().Select(c => $"| {(int)c} | `{c}` |").ToArray();
        var page = File.ReadLines(Path.Combine(RepositoryRoot, "docs/reference/exit-codes.md")).Where(l => l.StartsWith("| ") && char.IsAsciiDigit(l[2]));
        page.Select(l => l[..(l.IndexOf("` |", StringComparison.Ordinal) + 3)]).ShouldBe(codes);

        var (code, help, _) = await RunAsync("--help");
        code.ShouldBe(ExitCode.Ok);
        var listed = string.Join(' ', help[help.IndexOf("Exit codes:", StringComparison.Ordinal)..help.IndexOf("Environment:", StringComparison.Ordinal)].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        listed["Exit codes:".Length..].Split(',').Select(e => e.Trim().Split(' ')[0]).ShouldBe(Enum.GetValues<ExitCode>().Select(c => $"{(int)c}"));
    }

    public void Dispose() => _machine.Dispose();

    private static string RepositoryRoot
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Elysium.slnx")))
            {
                folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside the repository.");
            }

            return folder;
        }
    }

    private async Task<JsonElement> StatusAsync(DateTimeOffset? now = null)
    {
        var (code, output, error) = await RunAsync("status --json", now: now);
        code.ShouldBe(ExitCode.Ok, error);
        return JsonDocument.Parse(output).RootElement.EnumerateArray().ShouldHaveSingleItem();
    }

    private async Task<(ExitCode Code, string Output, string Error)> RunAsync(
        string line,
        IReadOnlyDictionary<string, string>? environment = null,
        DateTimeOffset? now = null)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var terminal = new Terminal(TextReader.Null, output, error, inputIsTerminal: false, outputIsTerminal: false);
        var invocation = new Invocation(terminal, new FakeTimeProvider(now ?? Installation.Start), name => name switch
        {
            StateDirectory.Variable => _machine.State.Path,
            "HOME" => _machine.Folder,
            _ => environment?.GetValueOrDefault(name),
        });
        var code = await CommandLine.RunAsync(invocation, Elysium.Client.Program.Tree(invocation), line.Split(' ', StringSplitOptions.RemoveEmptyEntries), CancellationToken.None);
        return ((ExitCode)code, output.ToString(), error.ToString());
    }

    /// <summary>A backend that gives its trust and says no more: nobody should ask more.</summary>
    private sealed class ListeningInstallation : IAsyncDisposable
    {
        private readonly Installation _installation = new();

        public ListeningInstallation() => Server = new LoopbackServer(
            _installation.Server(),
            _ => LoopbackServer.Json(JsonSerializer.Serialize(_installation.Bundle, ElysiumJson.Default.TrustBundle)));

        public LoopbackServer Server { get; }

        public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
        {
            ["ELYSIUM_URL"] = Server.Url.GetLeftPart(UriPartial.Authority),
            ["ELYSIUM_API_TOKEN"] = "elya_token",
            ["ELYSIUM_CA_PIN"] = Convert.ToHexString(_installation.Pin),
        };

        public async ValueTask DisposeAsync()
        {
            await Server.DisposeAsync();
            _installation.Dispose();
        }
    }
}
