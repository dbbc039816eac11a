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


namespace Elysium.Backend.Hosting;

/// <summary>Puts the backend together, in the order in which the parts need each other.</summary>
internal static class BackendApplication
{
    /// <param name="options">The settings.</param>
    /// <param name="data">The data folder, held by this process.</param>
    /// <param name="database">The database, prepared.</param>
    /// <param name="installation">What backends share, prepared. All of these are the caller's, who disposes them after the application.</param>
    /// <param name="time">The clock.</param>
    /// <param name="hub">Whether this backend runs the hub's interfaces.</param>
    public static WebApplication Build(
        BackendOptions options,
        DataDirectory data,
        DatabaseEngine database,
        Installation installation,
        TimeProvider time,
        bool hub = true)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseElysiumListener(options);
        BackendLogging.Configure(builder.Logging, options);

        var services = builder.Services;
        services.AddSingleton(options).AddSingleton(data).AddSingleton(installation.Authority).AddSingleton(installation.Sealer).AddSingleton(time);
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(json => UseContracts(json.SerializerOptions));
        services.AddOpenApi();

        services.AddSingleton(database).AddSingleton<IDbContextFactory<ElysiumDatabase>>(database).AddSingleton<DatabaseWriter>();
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

    /// <summary>Bodies are read as strictly as the contracts say, which the framework's own options would loosen.</summary>
    private static void UseContracts(JsonSerializerOptions json)
    {
        var contracts = ElysiumJson.Default.Options;
        json.TypeInfoResolverChain.Insert(0, ElysiumJson.Default);
        json.NumberHandling = contracts.NumberHandling;
        json.RespectNullableAnnotations = contracts.RespectNullableAnnotations;
        json.RespectRequiredConstructorParameters = contracts.RespectRequiredConstructorParameters;
    }
}
