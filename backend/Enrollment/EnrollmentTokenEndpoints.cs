using Elysium.Backend.Access;
using Elysium.Backend.Audit;
using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Elysium.Backend.Networks;
using Elysium.Backend.Pki;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Enrollment;

/// <summary>Enrollment tokens for operators: <c>/v1/enrollment-tokens</c>. A token goes by its id or its short prefix.</summary>
internal static class EnrollmentTokenEndpoints
{
    private const int MaxUses = 1_000_000;
    private const int MaxTags = 16;
    private const long LeastSeconds = 60;
    private const long MostSeconds = 365 * 86_400;
    private const long DefaultSeconds = 86_400;

    public static void MapEnrollmentTokens(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/enrollment-tokens", List).RequireApiToken(change: false).Produces<Listing<EnrollmentTokenResponse>>();
        routes.MapPost("/v1/enrollment-tokens", Create).RequireApiToken(change: true).Produces<EnrollmentTokenCreated>(StatusCodes.Status201Created);
        routes.MapDelete("/v1/enrollment-tokens/{token}", Revoke).RequireApiToken(change: true).Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<IResult> List(IDbContextFactory<ElysiumDatabase> databases, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var tokens = await database.EnrollmentTokens.AsNoTracking()
            .Join(database.Networks, t => t.NetworkId, n => n.Id, (Token, network) => new { Token, network.Name })
            .OrderBy(t => t.Token.CreatedAt)
            .ToListAsync(cancellationToken);
        var now = time.GetUtcNow();
        return TypedResults.Json(new Listing<EnrollmentTokenResponse>([.. tokens.Select(t => Describe(t.Token, t.Name, now))]), ElysiumJson.Default.ListingEnrollmentTokenResponse);
    }

    private static async Task<IResult> Create(
        CreateEnrollmentTokenRequest request,
        HttpContext http,
        DatabaseWriter writer,
        CertificateAuthority authority,
        BackendOptions options,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (Check(request) is { } bad)
        {
            return bad.ToResult();
        }

        var now = time.GetUtcNow();
        var code = new JoinCode(options.PublicUrl, authority.Pin.Span, BearerSecret.Generate());
        var outcome = await writer.WriteAsync<EnrollmentToken>(
            async (database, token) =>
            {
                var network = await database.Networks.AsNoTracking().SingleOrDefaultAsync(n => n.Name == request.Network, token);
                if (network is null)
                {
                    return NetworkEndpoints.NotFound(request.Network);
                }

                var made = new EnrollmentToken
                {
                    Id = Guid.CreateVersion7(now),
                    NetworkId = network.Id,
                    SecretHash = BearerSecret.Hash(code.Secret.Span),
                    Prefix = code.TokenPrefix,
                    Uses = request.Uses ?? 1,
                    Ephemeral = request.Ephemeral,
                    Tags = [.. (request.Tags ?? []).Distinct()],
                    ExpiresAt = now + TimeSpan.FromSeconds(request.ExpiresInSeconds ?? DefaultSeconds),
                    CreatedAt = now,
                };
                database.EnrollmentTokens.Add(made);
                database.AuditEvents.Add(AuditEvent.Of(now, http.User.Identity!.Name!, "enrollment-token.created", $"{made.Prefix} for {network.Name}, {made.Uses} uses until {made.ExpiresAt:u}", network.Id));
                return made;
            },
            cancellationToken);
        return outcome.Refusal is { } refusal
            ? refusal.ToResult()
            : TypedResults.Json(
                new EnrollmentTokenCreated(code.Reveal(), Describe(outcome.Value, request.Network, now)),
                ElysiumJson.Default.EnrollmentTokenCreated,
                statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> Revoke(string token, HttpContext http, DatabaseWriter writer, TimeProvider time, CancellationToken cancellationToken)
    {
        var id = Guid.TryParseExact(token, "D", out var parsed) ? parsed : Guid.Empty;
        var outcome = await writer.WriteAsync<bool>(
            async (database, ct) =>
            {
                var found = await database.EnrollmentTokens.Where(t => t.Id == id || t.Prefix == token).Take(2).ToListAsync(ct);
                if (found is not [var one])
                {
                    return new Refusal(ProblemCodes.TokenNotFound, $"There is {(found.Count == 0 ? "no" : "more than one")} enrollment token '{(token.Length <= 36 ? token : token[..36] + "…")}'. 'elysium token list' shows all.");
                }

                if (one.RevokedAt is null)
                {
                    var now = time.GetUtcNow();
                    one.RevokedAt = now;
                    database.AuditEvents.Add(AuditEvent.Of(now, http.User.Identity!.Name!, "enrollment-token.revoked", one.Prefix, one.NetworkId));
                }

                return true;
            },
            cancellationToken);
        return outcome.Refusal is { } refusal ? refusal.ToResult() : TypedResults.NoContent();
    }

    private static Refusal? Check(CreateEnrollmentTokenRequest request)
    {
        if (request.Uses is < 1 or > MaxUses)
        {
            return new Refusal(ProblemCodes.InvalidRequest, $"uses {request.Uses} is not between 1 and {MaxUses}.");
        }

        if (request.ExpiresInSeconds is < LeastSeconds or > MostSeconds)
        {
            return new Refusal(ProblemCodes.InvalidRequest, $"expiresInSeconds {request.ExpiresInSeconds} is not between {LeastSeconds} and {MostSeconds}.");
        }

        var tags = request.Tags ?? [];
        if (tags.Count > MaxTags)
        {
            return new Refusal(ProblemCodes.InvalidRequest, $"{tags.Count} tags are more than {MaxTags}.");
        }

        var bad = tags.Where(t => !DnsLabel.IsValid(t)).Take(1).ToArray();
        return bad is [var tag] ? new Refusal(ProblemCodes.InvalidRequest, $"The tag '{tag}' is no label: {DnsLabel.Rule}.") : null;
    }

    private static EnrollmentTokenResponse Describe(EnrollmentToken token, string network, DateTimeOffset now) => new(
        token.Id,
        token.Prefix,
        network,
        token.Uses,
        token.Used,
        token.Ephemeral,
        token.Tags,
        token switch
        {
            { RevokedAt: not null } => "revoked",
            _ when token.ExpiresAt <= now => "expired",
            _ when token.Used >= token.Uses => "used_up",
            _ => "active",
        },
        token.ExpiresAt,
        token.CreatedAt);
}
