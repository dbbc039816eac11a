using System.Globalization;
using System.Text.Json;
using Elysium.Contracts;

namespace Elysium.Lab.Product;

/// <summary>A host that runs the published backend, and the operator's client on it.</summary>
public sealed class BackendHost(LabHost host)
{
    private const string DataFolder = "/var/lib/elysium-backend";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private Dictionary<string, string?>? _credentials;

    /// <summary>The machine.</summary>
    public LabHost Host => host;

    /// <summary>Where it is reached.</summary>
    public string Url => host.Address6 is { } address6 ? $"https://[{address6}]:8080" : $"https://{host.Address}:8080";

    /// <summary>Its data folder, as the real machine sees it.</summary>
    public string Data => Path.Combine(host.VarLib, Path.GetFileName(DataFolder));

    /// <summary>The process; null before the first start.</summary>
    public HostProcess? Process { get; private set; }

    /// <summary>Settings besides those that follow from the host, such as where its database is.</summary>
    public IReadOnlyDictionary<string, string?> Chosen { get; init; } = new Dictionary<string, string?>();

    /// <summary>What its environment says.</summary>
    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(Chosen)
    {
        ["ELYSIUM_DATA_DIR"] = DataFolder,
        ["ELYSIUM_PUBLIC_URL"] = Url,
        ["ELYSIUM_HUB_HOST"] = host.Address6 is { } address6 && !address6.Equals(host.Address) ? $"{address6},{host.Address}" : null,
    };

    /// <summary>Starts it, and waits until it serves.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        Process = await host.StartAsync(Binaries.Backend, [], Settings, cancellationToken: cancellationToken);
        await Process.SaysAsync("Ready", StartLimit, cancellationToken);
    }

    /// <summary>Kills it with SIGKILL.</summary>
    public Task KillAsync(CancellationToken cancellationToken = default) => Running.KillAsync(cancellationToken);

    /// <summary>Runs another verb of the program.</summary>
    public Task<CommandResult> VerbAsync(string verb, CancellationToken cancellationToken = default) =>
        host.RunAsync(Binaries.Backend, [verb], Settings, cancellationToken: cancellationToken);

    /// <summary>Runs the client as the operator.</summary>
    public async Task<CommandResult> AdminAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken = default) =>
        await host.RunAsync(
            Binaries.Client, arguments, _credentials ??= await CredentialsAsync(cancellationToken), cancellationToken: cancellationToken);

    /// <summary>Makes a network.</summary>
    public async Task<NetworkResponse> CreateNetworkAsync(
        string name, string? prefix = null, string? prefix6 = null, CancellationToken cancellationToken = default)
    {
        string[] chosen = [.. prefix is null ? (string[])[] : ["--prefix", prefix], .. prefix6 is null ? (string[])[] : ["--prefix6", prefix6]];
        var result = await AdminAsync(["network", "create", name, .. chosen, "--json"], cancellationToken);
        return result.Json().Deserialize(ElysiumJson.Default.NetworkResponse)!;
    }

    /// <summary>Makes a join code.</summary>
    public async Task<string> CreateJoinCodeAsync(string network, int uses = 1, CancellationToken cancellationToken = default)
    {
        var result = await AdminAsync(
            ["token", "create", network, "--uses", uses.ToString(CultureInfo.InvariantCulture)], cancellationToken);
        return result.Succeeded().Output.Trim();
    }

    /// <summary>The peers of a network, as the backend tells.</summary>
    public async Task<IReadOnlyList<PeerResponse>> PeersAsync(string network, CancellationToken cancellationToken = default)
    {
        var json = (await AdminAsync(["peer", "list", network, "--json"], cancellationToken)).Json();
        var items = json.ValueKind == JsonValueKind.Array ? json : json.GetProperty("items");
        return [.. items.EnumerateArray().Select(static item => item.Deserialize(ElysiumJson.Default.PeerResponse)!)];
    }

    private HostProcess Running => Process ?? throw new InvalidOperationException("The backend was not started.");

    private async Task<Dictionary<string, string?>> CredentialsAsync(CancellationToken cancellationToken) => new()
    {
        ["ELYSIUM_URL"] = Url,
        ["ELYSIUM_API_TOKEN"] = (await VerbAsync("admin-token", cancellationToken)).Succeeded().Output.Trim(),
        ["ELYSIUM_CA_PIN"] = (await File.ReadAllTextAsync(Path.Combine(Data, "pki", "root.pin"), cancellationToken)).Trim(),
    };
}
