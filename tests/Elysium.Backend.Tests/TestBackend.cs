using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization.Metadata;
using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Elysium.Backend.Pki;
using Elysium.Contracts;
using Elysium.Linux;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Elysium.Backend.Tests;

/// <summary>
/// A whole backend in this process: real Kestrel on a loopback port, real TLS, a real database in a folder of its own. Only the hub's
/// interfaces are left out: the end-to-end tests have those.
/// </summary>
internal sealed class TestBackend : IAsyncDisposable
{
    private readonly BackendOptions _options;
    private WebApplication _app;

    private TestBackend(BackendOptions options, OffsetClock clock)
    {
        _options = options;
        Clock = clock;
        _app = Build();
    }

    public OffsetClock Clock { get; }

    public string DataDirectory => _options.DataDirectory;

    public CertificateAuthority Authority => _app.Services.GetRequiredService<CertificateAuthority>();

    public IServiceProvider Services => _app.Services;

    public Uri Url { get; private set; } = null!;

    public HttpClient Admin { get; private set; } = null!;

    /// <param name="with">Changes the settings.</param>
    /// <param name="database">Puts something else than nothing in the database's place, before the backend sees it.</param>
    public static async Task<TestBackend> StartAsync(Func<BackendOptions, BackendOptions>? with = null, Action<string>? database = null)
    {
        var options = new BackendOptions
        {
            DataDirectory = Directory.CreateTempSubdirectory("elysium-backend-test-").FullName,
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            PublicUrl = new Uri("https://127.0.0.1:8080"),
            HubHosts = ["127.0.0.1"],
            TrustDomain = "test.elysium",
            CertificateLifetime = TimeSpan.FromDays(7),
            RenewalGrace = TimeSpan.FromDays(30),
            AddressQuarantine = TimeSpan.FromHours(24),
            LogLevel = LogLevel.Error,
            WireGuard = EngineChoice.Automatic,
            WireGuardGo = "wireguard-go",
        };
        database?.Invoke(Path.Combine(options.DataDirectory, "elysium.db"));
        var backend = new TestBackend(with?.Invoke(options) ?? options, new OffsetClock());
        await backend.RunAsync();
        return backend;
    }

    /// <summary>Stops the backend and starts it again on the same data, as a machine's restart does.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        _app = Build();
        await RunAsync();
    }

    /// <summary>A client that trusts the root and shows the given certificate, or none.</summary>
    public HttpClient Client(X509Certificate2? certificate = null, string? bearer = null, Version? version = null)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.Add(Authority.Root);
        var tls = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        if (certificate is not null)
        {
            tls.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, [Authority.Issuing], offline: true);
        }

        var client = new HttpClient(new SocketsHttpHandler { SslOptions = tls, UseProxy = false })
        {
            BaseAddress = Url,
            DefaultRequestVersion = version ?? HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (bearer is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        }

        return client;
    }

    public async Task<NetworkResponse> CreateNetworkAsync(string name = "home", string? prefix = "10.77.0.0/24", string? prefix6 = null) =>
        await PostAsync(Admin, "/v1/networks", new CreateNetworkRequest(name, prefix, Prefix6: prefix6), ElysiumJson.Default.CreateNetworkRequest, ElysiumJson.Default.NetworkResponse);

    public async Task<JoinCode> CreateCodeAsync(string network = "home", int uses = 1, long? expiresIn = null)
    {
        var created = await PostAsync(
            Admin,
            "/v1/enrollment-tokens",
            new CreateEnrollmentTokenRequest(network, uses, expiresIn),
            ElysiumJson.Default.CreateEnrollmentTokenRequest,
            ElysiumJson.Default.EnrollmentTokenCreated);
        JoinCode.TryParse(created.JoinCode, out var code, out var error).ShouldBeTrue(error);
        return code!;
    }

    public async Task<TestPeer> JoinAsync(string name, JoinCode? code = null)
    {
        code ??= await CreateCodeAsync();
        var machine = new TestMachine(name);
        var answer = await machine.EnrollAsync(this, code);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        return new TestPeer(machine, (await answer.Content.ReadFromJsonAsync(ElysiumJson.Default.EnrollResponse))!);
    }

    /// <summary>A look into the tables.</summary>
    public async Task<T> QueryAsync<T>(Func<ElysiumDatabase, Task<T>> query)
    {
        await using var database = await Services.GetRequiredService<IDbContextFactory<ElysiumDatabase>>().CreateDbContextAsync();
        return await query(database);
    }

    public static async Task<TResponse> PostAsync<TRequest, TResponse>(
        HttpClient client,
        string path,
        TRequest body,
        JsonTypeInfo<TRequest> requestType,
        JsonTypeInfo<TResponse> responseType)
    {
        using var answer = await client.PostAsync(path, JsonContent.Create(body, requestType));
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync(responseType))!;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(DataDirectory, recursive: true);
    }

    private WebApplication Build() =>
        BackendApplication.Build(_options, Elysium.Backend.Hosting.DataDirectory.Take(_options.DataDirectory).Value, Clock, hub: false);

    private async Task RunAsync()
    {
        (await BackendApplication.PrepareAsync(_app, CancellationToken.None)).ShouldBeNull();
        await _app.StartAsync();
        Url = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Admin = Client(bearer: (await File.ReadAllTextAsync(Elysium.Backend.Hosting.DataDirectory.AdminTokenIn(DataDirectory))).Trim());
    }

    private async Task StopAsync()
    {
        Admin.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
