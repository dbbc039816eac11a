using Elysium.Lab;

namespace Elysium.Benchmarks.Control;

/// <summary>The bare server, in a process with the backend's own runtime settings.</summary>
internal sealed class BareProcess : IAsyncDisposable
{
    private const int Port = 8081;
    private readonly HostProcess _process;

    private BareProcess(HostProcess process, string url, string rootFile) => (_process, Url, RootFile) = (process, url, rootFile);

    public string Url { get; }

    public string RootFile { get; }

    public int Id => _process.Id;

    public static async Task<BareProcess> StartAsync(LabHost host, CancellationToken cancellationToken)
    {
        var address = $"{host.Address}:{Port}";
        var root = Path.Combine(host.Folder, "bare.crt");
        var process = await host.StartAsync(
            "dotnet",
            ["exec", "--runtimeconfig", Path.ChangeExtension(Binaries.Backend, null) + ".runtimeconfig.json", Path.Combine(AppContext.BaseDirectory, "Elysium.Benchmarks.dll"), "bare", address, root],
            cancellationToken: cancellationToken);
        await process.SaysAsync("Ready", TimeSpan.FromSeconds(20), cancellationToken);
        return new BareProcess(process, $"https://{address}", root);
    }

    public async ValueTask DisposeAsync() => await _process.KillAsync();
}
