using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Elysium.Backend.Pki;
using Elysium.Contracts;
using Elysium.Linux;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Elysium.Backend.Tests;

/// <summary>
/// A whole backend in this process: real Kestrel on a loopback port, real TLS, a real database in a folder of its own. Only the hub's
/// interfaces are left out: the end-to-end tests have those.
/// </summary>
internal sealed class TestBackend : IAsyncDisposable
{
    private readonly bool _ownDatabase;
    private DatabaseEngine _database = null!;
    private DataDirectory _data = null!;
    private Installation _installation = null!;
    private WebApplication _app = null!;
    private bool _runs;

    private TestBackend(BackendOptions options, bool ownDatabase, OffsetClock clock)
    {
        Options = options;
        _ownDatabase = ownDatabase;
        Clock = clock;
    }

    public BackendOptions Options { get; }

    public OffsetClock Clock { get; }

    public string DataDirectory => Options.DataDirectory;

    public CertificateAuthority Authority => _installation.Authority;

    public IServiceProvider Services => _app.Services;

    public Uri Url { get; private set; } = null!;

    public HttpClient Admin { get; private set; } = null!;

    /// <param name="with">Changes the settings.</param>
    /// <param name="dump">SQL that is run on the empty database before the backend sees it.</param>
    /// <param name="beside">Another backend of the same installation, on PostgreSQL.</param>
    public static async Task<TestBackend> StartAsync(Func<BackendOptions, BackendOptions>? with = null, string? dump = null, TestBackend? beside = null)
    {
        var folder = Directory.CreateTempSubdirectory("elysium-backend-test-").FullName;
        var options = DefaultOptions(folder);
        if (beside is not null)
        {
            options = options with { Database = beside.Options.Database, SealingKeyFile = beside.Options.SealingKeyPath };
            File.Copy(Elysium.Backend.Hosting.DataDirectory.AdminTokenIn(beside.DataDirectory), Elysium.Backend.Hosting.DataDirectory.AdminTokenIn(options.DataDirectory));
        }

        options = with?.Invoke(options) ?? options;
        if (options.DataDirectory != folder)
        {
            Directory.Delete(folder, recursive: true);
        }

        var own = options.Database is null && TestEngine.IsPostgres;
        if (own)
        {
            options = options with { Database = dump is null ? await TestEngine.CreateMigratedAsync() : await TestEngine.CreateEmptyAsync() };
        }

        if (dump is not null)
        {
            await LoadAsync(dump, options);

            // That it does not open what is in the dump is another matter.
            Elysium.Backend.Hosting.DataDirectory.WriteSecret(options.SealingKeyPath, Encoding.ASCII.GetBytes(SealingKey.NewLine()));
        }

        var backend = new TestBackend(options, own, new OffsetClock());
        try
        {
            await backend.RunAsync();
            return backend;
        }
        catch
        {
            backend._runs = true;
            await backend.DisposeAsync();
            throw;
        }
    }

    /// <summary>What a test changes where it wants something else.</summary>
    public static BackendOptions DefaultOptions(string dataDirectory) => new()
    {
        DataDirectory = dataDirectory,
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

    /// <summary>Stops the backend and starts it again on the same data, as a machine's restart does.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
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
        if (_ownDatabase)
        {
            await TestEngine.DropAsync(Options.Database!);
        }

        Directory.Delete(DataDirectory, recursive: true);
    }

    private async Task RunAsync()
    {
        _data = Elysium.Backend.Hosting.DataDirectory.Take(DataDirectory).Value;
        _database = DatabaseEngine.Open(Options, NullLoggerFactory.Instance, Clock);
        _installation = new Installation(Options, _data, Clock);
        (await _database.PrepareAsync(_installation.PrepareAsync, CancellationToken.None)).ShouldBeNull();
        _app = BackendApplication.Build(Options, _data, _database, _installation, Clock, hub: false);
        await _app.StartAsync();
        _runs = true;
        Url = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Admin = Client(bearer: (await File.ReadAllTextAsync(Elysium.Backend.Hosting.DataDirectory.AdminTokenIn(DataDirectory))).Trim());
    }

    /// <summary>Stops it, as somebody does who will do something with its data.</summary>
    public async Task StopAsync()
    {
        if (!_runs)
        {
            return;
        }

        // After a start that failed some of these were not made.
        _runs = false;
        Admin?.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        _installation?.Dispose();
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        _data?.Dispose();
    }

    private static async Task LoadAsync(string dump, BackendOptions options)
    {
        using var text = new StreamReader(typeof(TestBackend).Assembly.GetManifestResourceStream(dump)!);
        var sql = await text.ReadToEndAsync();
        if (options.Database is { } postgres)
        {
            await (await TestEngine.ServerAsync()).ExecuteAsync(sql, postgres.Name);
            return;
        }

        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = Elysium.Backend.Hosting.DataDirectory.DatabaseIn(options.DataDirectory),
            Pooling = false,
        }.ToString());
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
