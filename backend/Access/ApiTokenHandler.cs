using System.Security.Claims;
using System.Text.Encodings.Web;
using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Elysium.Contracts;
using Microsoft.AspNetCore.Authentication;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Elysium.Backend.Access;

/// <summary>Admin routes: <c>Authorization: Bearer elya_…</c>.</summary>
internal sealed class ApiTokenHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    IDbContextFactory<ElysiumDatabase> databases,
    TimeProvider time) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string Name = "api-token";

    private static readonly Refusal Missing = new(ProblemCodes.CredentialRequired, $"This route takes 'Authorization: Bearer {BearerSecret.ApiPrefix}…'. The first token comes from 'elysium-backend admin-token'.");

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.Authorization.Count == 0)
        {
            return AuthenticateResult.NoResult();
        }

        if (BearerSecret.HashFrom(Request, BearerSecret.ApiPrefix) is not { } hash)
        {
            return Refused.Because(ProblemCodes.ApiTokenInvalid, $"The Authorization header holds no API token: 'Bearer {BearerSecret.ApiPrefix}' and 43 characters.");
        }

        await using var database = await databases.CreateDbContextAsync(Context.RequestAborted);
        var token = await database.ApiTokens.AsNoTracking().SingleOrDefaultAsync(t => t.SecretHash == hash, Context.RequestAborted);
        if (token is null || token.ExpiresAt <= time.GetUtcNow())
        {
            return Refused.Because(ProblemCodes.ApiTokenInvalid, "The API token is unknown or has expired.");
        }

        var identity = new ClaimsIdentity(
            [new Claim(ClaimTypes.Name, $"api-token:{token.Prefix}"), new Claim(ClaimTypes.Role, token.Role)],
            Name);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Name));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var result = await HandleAuthenticateOnceAsync();
        Response.Headers.WWWAuthenticate = "Bearer";
        await Problems.WriteAsync(Context, (result.Failure as Refused)?.Refusal ?? Missing);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Problems.WriteAsync(Context, new Refusal(ProblemCodes.RoleInsufficient, $"The API token's role, '{Context.User.FindFirstValue(ClaimTypes.Role)}', may not do this."));
}
