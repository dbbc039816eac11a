using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using Elysium.Backend.Database;
using Elysium.Contracts;

namespace Elysium.Backend.Hosting;

/// <summary>The one place where a code becomes an HTTP status, and where a request that never reached an endpoint gets its answer.</summary>
internal static partial class Problems
{
    private static readonly Dictionary<string, (int Status, string Title)> Known = new()
    {
        [ProblemCodes.InvalidRequest] = (400, "The request is malformed"),
        [ProblemCodes.InvalidName] = (400, "The name is no DNS label"),
        [ProblemCodes.InvalidPrefix] = (400, "The prefix cannot be used"),
        [ProblemCodes.InvalidCertificateRequest] = (400, "The certificate request cannot be used"),
        [ProblemCodes.InvalidWireGuardKey] = (400, "The WireGuard key cannot be used"),
        [ProblemCodes.CredentialRequired] = (401, "A credential is required"),
        [ProblemCodes.EnrollmentTokenUnknown] = (401, "The enrollment token is unknown"),
        [ProblemCodes.EnrollmentTokenExpired] = (403, "The enrollment token has expired"),
        [ProblemCodes.EnrollmentTokenUsedUp] = (403, "The enrollment token is used up"),
        [ProblemCodes.EnrollmentTokenRevoked] = (403, "The enrollment token was revoked"),
        [ProblemCodes.ApiTokenInvalid] = (401, "The API token is not valid"),
        [ProblemCodes.RoleInsufficient] = (403, "The API token's role is not sufficient"),
        [ProblemCodes.CertificateUntrusted] = (401, "The certificate is not trusted"),
        [ProblemCodes.CertificateExpired] = (401, "The certificate is not valid now"),
        [ProblemCodes.CertificateRevoked] = (403, "The certificate was revoked"),
        [ProblemCodes.PeerRevoked] = (403, "The peer is no member any more"),
        [ProblemCodes.RenewalTooLate] = (403, "The certificate ended too long ago"),
        [ProblemCodes.NetworkNotFound] = (404, "There is no such network"),
        [ProblemCodes.PeerNotFound] = (404, "There is no such peer"),
        [ProblemCodes.TokenNotFound] = (404, "There is no such token"),
        [ProblemCodes.NotFound] = (404, "There is no such route"),
        [ProblemCodes.MethodNotAllowed] = (405, "The route does not take this method"),
        [ProblemCodes.NameTaken] = (409, "The name is taken"),
        [ProblemCodes.NetworkNameTaken] = (409, "The network name is taken"),
        [ProblemCodes.PrefixOverlapsNetwork] = (409, "The prefix overlaps another network"),
        [ProblemCodes.PrefixOverlapsRoute] = (409, "The prefix overlaps a route of the hub"),
        [ProblemCodes.ListenPortTaken] = (409, "The listen port is taken"),
        [ProblemCodes.NetworkFull] = (409, "The network is full"),
        [ProblemCodes.WireGuardKeyInUse] = (409, "The WireGuard key is in use"),
        [ProblemCodes.CertificateKeyInUse] = (409, "The certificate key is in use"),
        [ProblemCodes.BodyTooLarge] = (413, "The body is too large"),
        [ProblemCodes.UnsupportedMediaType] = (415, "The body is not JSON"),
        [ProblemCodes.InternalError] = (500, "Something broke"),
        [ProblemCodes.Unavailable] = (503, "Not possible right now"),
        [ProblemCodes.OutcomeUnknown] = (503, "Perhaps done, perhaps not"),
    };

    private static readonly Refusal TooLarge = new(ProblemCodes.BodyTooLarge, "No route takes a body of more than 64 KiB.");
    private static readonly Refusal DatabaseAway = new(ProblemCodes.Unavailable, "The database cannot be read right now. Nothing was changed.");
    private static readonly Refusal NotJson = new(ProblemCodes.UnsupportedMediaType, "Send the body as application/json.");

    /// <summary>People read these in a terminal: quotes and dashes as they are. The media type keeps browsers from seeing HTML in them.</summary>
    private static readonly ElysiumJson Json = new(new JsonSerializerOptions(ElysiumJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static IResult ToResult(this Refusal refusal) => new ProblemResult(Of(refusal.Code, refusal.Detail));

    public static Task WriteAsync(HttpContext http, Refusal refusal) => refusal.ToResult().ExecuteAsync(http);

    /// <summary>Bodies that cannot be read and statuses without a body become problems; an exception tells only its trace id.</summary>
    public static void UseProblems(this WebApplication app)
    {
        app.Use(async (http, next) =>
        {
            try
            {
                await next(http);
            }
            catch (BadHttpRequestException e) when (!http.Response.HasStarted)
            {
                await WriteAsync(http, Explain(e));
            }
            catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
            {
                // The caller is gone: nobody to answer.
            }
            catch (Exception e) when (!http.Response.HasStarted && DatabaseFaults.Of(e) is not null)
            {
                LogDatabase(app.Logger, http.Request.Method, http.Request.Path, e.GetBaseException().Message);
                await WriteAsync(http, DatabaseAway);
            }
            catch (Exception e) when (!http.Response.HasStarted)
            {
                LogBroken(app.Logger, http.Request.Method, http.Request.Path, TraceId(http), e);
                await WriteAsync(http, new Refusal(ProblemCodes.InternalError, ""));
            }
        });
        app.UseStatusCodePages(context => context.HttpContext.Response.StatusCode switch
        {
            404 => WriteAsync(context.HttpContext, new Refusal(ProblemCodes.NotFound, $"'{context.HttpContext.Request.Path}' is no route. /openapi/v1.json lists them.")),
            405 => WriteAsync(context.HttpContext, new Refusal(ProblemCodes.MethodNotAllowed, $"{context.HttpContext.Request.Method} '{context.HttpContext.Request.Path}' is not possible.")),
            413 => WriteAsync(context.HttpContext, TooLarge),
            415 => WriteAsync(context.HttpContext, NotJson),
            400 => WriteAsync(context.HttpContext, new Refusal(ProblemCodes.InvalidRequest, "The body could not be read to its end.")),
            _ => Task.CompletedTask,
        });
    }

    private static Refusal Explain(BadHttpRequestException e) => e switch
    {
        { StatusCode: 413 } => TooLarge,
        { StatusCode: 415 } => NotJson,
        { InnerException: JsonException { Path: { } path } json } => new Refusal(ProblemCodes.InvalidRequest, $"The body is not what this route takes, at {path}: {FirstSentence(json.Message)}"),
        { InnerException: JsonException json } => new Refusal(ProblemCodes.InvalidRequest, $"The body is not what this route takes: {FirstSentence(json.Message)}"),
        _ => new Refusal(ProblemCodes.InvalidRequest, FirstSentence(e.Message)),
    };

    /// <summary>The serializer's messages go on with type names and positions that tell a caller nothing.</summary>
    private static string FirstSentence(string message) => message.Split(" Path: ")[0].Replace("Elysium.Contracts.", "", StringComparison.Ordinal);

    private static Problem Of(string code, string detail)
    {
        var (status, title) = Known[code];
        return new Problem(title, status, code, detail.Length == 0 ? null : detail);
    }

    private static string TraceId(HttpContext http) => Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier;

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} broke, trace {TraceId}")]
    private static partial void LogBroken(ILogger logger, string method, string path, string traceId, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path} had no database: {Reason}")]
    private static partial void LogDatabase(ILogger logger, string method, string path, string reason);

    private sealed class ProblemResult(Problem problem) : IResult
    {
        public Task ExecuteAsync(HttpContext http)
        {
            http.Response.StatusCode = problem.Status;
            var told = problem.Status >= 500 ? problem with { Detail = null, TraceId = TraceId(http) } : problem;
            if (problem.Code is ProblemCodes.Unavailable or ProblemCodes.OutcomeUnknown)
            {
                told = told with { Detail = problem.Detail };
            }

            // Only what was not done is to be asked for again.
            if (problem.Code == ProblemCodes.Unavailable)
            {
                http.Response.Headers.RetryAfter = "1";
            }

            return http.Response.WriteAsJsonAsync(told, Json.Problem, "application/problem+json", http.RequestAborted);
        }
    }
}
