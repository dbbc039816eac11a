using System.Reflection;
using Elysium.Backend.Database;
using Elysium.Backend.Hub;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Hosting;

/// <summary>
/// <c>/healthz</c>: the process answers. <c>/readyz</c>: it can serve, which takes the database; what else is missing is named, because a
/// backend without a working hub still enrols and revokes.
/// </summary>
internal static partial class HealthEndpoints
{
    public static readonly string Version = Assembly.GetExecutingAssembly().GetName().Version!.ToString(3);

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => TypedResults.Json(new HealthResponse("ok", Version, []), ElysiumJson.Default.HealthResponse));
        routes.MapGet("/readyz", Ready).Produces<HealthResponse>();
    }

    private static async Task<IResult> Ready(IDbContextFactory<ElysiumDatabase> databases, HubStatus hub, ILogger<HubStatus> logger, CancellationToken cancellationToken)
    {
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            await database.Networks.AnyAsync(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogUnreadable(logger, e);
            return TypedResults.Json(
                new HealthResponse("degraded", Version, ["database: cannot be read", .. hub.Problems]),
                ElysiumJson.Default.HealthResponse,
                statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        var problems = hub.Problems;
        return TypedResults.Json(new HealthResponse(problems.Count == 0 ? "ok" : "degraded", Version, problems), ElysiumJson.Default.HealthResponse);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The database cannot be read")]
    private static partial void LogUnreadable(ILogger logger, Exception exception);
}
