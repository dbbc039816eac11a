using System.Text.Json;
using Elysium.Backend.Access;
using Elysium.Backend.Database;
using Elysium.Backend.Enrollment;
using Elysium.Backend.Hub;
using Elysium.Backend.Maps;
using Elysium.Backend.Networks;
using Elysium.Backend.Peers;
using Elysium.Backend.Pki;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Console;

namespace Elysium.Backend.Hosting;

/// <summary>Puts the backend together, in the order in which the parts need each other.</summary>
internal static class BackendApplication
{
    /// <param name="options">The settings.</param>
    /// <param name="data">The data folder, held by this process; the application disposes it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="hub">Whether this backend runs the hub's interfaces.</param>
    public static WebApplication Build(BackendOptions options, DataDirectory data, TimeProvider time, bool hub = true)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseElysiumListener(options);
        AddLogging(builder.Logging, options);

        var services = builder.Services;
        services.AddSingleton(options).AddSingleton(_ => data).AddSingleton(time);
        services.AddSingleton<Installation>();
        services.AddSingleton(s => s.GetRequiredService<Installation>().Sealer).AddSingleton(s => s.GetRequiredService<Installation>().Authority);
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(json => UseContracts(json.SerializerOptions));
        services.AddOpenApi();

        AddDatabase(services, data);
        services.AddAccess();
        services.AddSingleton<PeerCertificates>().AddSingleton<ServerCertificate>().AddHostedService(s => s.GetRequiredService<ServerCertificate>());
        services.AddSingleton<StreamRegistry>().AddSingleton<AgentSessions>().AddSingleton<MapReader>().AddSingleton<NetworkFeeds>().AddSingleton<ChangePublisher>();
        services.AddSingleton<PresenceTable>().AddSingleton<ChangePruning>();
        services.AddHostedService<FeedLoop>().AddHostedService<PresenceLoop>().AddHostedService(s => s.GetRequiredService<ChangePruning>());
        services.AddSingleton<AddressPool>().AddSingleton<NetworkCreation>().AddSingleton<NetworkDeletion>().AddSingleton<NetworkReader>();
        services.AddSingleton<EnrollmentWriters>().AddSingleton<MachineEnrollment>().AddSingleton<PeerRemoval>();
        services.AddSingleton<HubSignal>().AddSingleton<HubStatus>();
        if (hub)
        {
            services.AddSingleton<HubPlan>();
            services.AddSingleton(_ => options.Reconciler(data.Engines, time));
            services.AddSingleton<HubFirewall>().AddHostedService<HubLoop>();
        }

        var app = builder.Build();

        // Problems first, so that whatever breaks behind them gets a readable answer; then who it is, then what they may.
        app.UseProblems();
        app.UseAuthentication();
        app.UseAuthorization();

        app.MapHealth();
        app.MapEnrollment();
        app.MapFeed();
        app.MapSelf();
        app.MapNetworks();
        app.MapPeers();
        app.MapEnrollmentTokens();
        app.MapOpenApi("/openapi/v1.json");
        return app;
    }

    /// <summary>The schema, the sealing keys, the CA and the first token, before the first request; or why not.</summary>
    public static async Task<Refusal?> PrepareAsync(WebApplication app, CancellationToken cancellationToken)
    {
        await using var database = await app.Services.GetRequiredService<IDbContextFactory<SqliteDatabase>>().CreateDbContextAsync(cancellationToken);
        await database.PrepareAsync(cancellationToken);
        return await app.Services.GetRequiredService<Installation>().PrepareAsync(database, cancellationToken);
    }

    private static void AddDatabase(IServiceCollection services, DataDirectory data)
    {
        services.AddPooledDbContextFactory<SqliteDatabase>(database => SqliteDatabase.Configure(database, data.Database));
        services.AddSingleton<IDbContextFactory<ElysiumDatabase>, SqliteDatabase.Factory>();
        services.AddSingleton<DatabaseWriter>();
    }

    /// <summary>Bodies are read as strictly as the contracts say, which the framework's own options would loosen.</summary>
    private static void UseContracts(JsonSerializerOptions json)
    {
        var contracts = ElysiumJson.Default.Options;
        json.TypeInfoResolverChain.Insert(0, ElysiumJson.Default);
        json.NumberHandling = contracts.NumberHandling;
        json.RespectNullableAnnotations = contracts.RespectNullableAnnotations;
        json.RespectRequiredConstructorParameters = contracts.RespectRequiredConstructorParameters;
    }

    private static void AddLogging(ILoggingBuilder logging, BackendOptions options)
    {
        logging.ClearProviders();
        logging.AddConsole(console => console.FormatterName = LogLine.FormatName);
        logging.AddConsoleFormatter<LogLine, ConsoleFormatterOptions>();
        logging.SetMinimumLevel(options.LogLevel);

        // The frameworks' own chatter only when somebody looks for it.
        var frameworks = options.LogLevel < LogLevel.Information ? options.LogLevel : LogLevel.Warning;
        logging.AddFilter("Microsoft", frameworks).AddFilter("System", frameworks);

        // What stops the start is told in one line by the command.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);

        // EF Core logs what it also throws; a name that is taken is no error of ours.
        logging.AddFilter("Microsoft.EntityFrameworkCore", options.LogLevel < LogLevel.Information ? frameworks : LogLevel.Critical);

        // Handlers log each refusal, which is an everyday answer.
        logging.AddFilter("Elysium.Backend.Access", frameworks);
    }
}
