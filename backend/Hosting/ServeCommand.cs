using System.Net.Sockets;
using Elysium.Backend.Database;

namespace Elysium.Backend.Hosting;

/// <summary><c>elysium-backend [serve]</c>: runs until it is told to stop. Devices and engines stay when it does.</summary>
internal static partial class ServeCommand
{
    public static async Task<int> RunAsync(BackendOptions options, TimeProvider time)
    {
        var taken = DataDirectory.Take(options.DataDirectory);
        if (taken.Refusal is { } notOurs)
        {
            return Verbs.Fail(notOurs.Detail);
        }

        using var data = taken.Value;
        using var loggers = BackendLogging.Create(options, time);
        await using var database = DatabaseEngine.Open(options, loggers, time);
        using var installation = new Installation(options, data, time);
        if (await database.PrepareAsync(installation.PrepareAsync, CancellationToken.None) is { } notReady)
        {
            return Verbs.Fail(notReady.Detail);
        }

        await using var app = BackendApplication.Build(options, data, database, installation, time);
        try
        {
            await app.StartAsync();
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return 0;
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            return Verbs.Fail($"{options.Listen} is taken by another program. Stop it, or set ELYSIUM_LISTEN.");
        }
        catch (SocketException e)
        {
            return Verbs.Fail($"Cannot listen on {options.Listen}: {e.Message}. Set ELYSIUM_LISTEN.");
        }

        LogReady(app.Logger, HealthEndpoints.Version, options.PublicUrl, Convert.ToHexStringLower(installation.Authority.Pin.Span));
        await app.WaitForShutdownAsync();
        return 0;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Ready: elysium-backend {Version} at {Url}, CA pin {Pin}")]
    private static partial void LogReady(ILogger logger, string version, Uri url, string pin);
}
