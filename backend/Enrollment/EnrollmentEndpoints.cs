using Elysium.Backend.Access;
using Elysium.Backend.Hosting;
using Elysium.Backend.Pki;
using Elysium.Contracts;

namespace Elysium.Backend.Enrollment;

/// <summary>How machines get in: the CA certificates for everybody, enrolment for who has a secret.</summary>
internal static class EnrollmentEndpoints
{
    public static void MapEnrollment(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/trust", Trust).Produces<TrustBundle>();
        routes.MapPost("/v1/enroll", Enroll).Produces<EnrollResponse>();
    }

    private static IResult Trust(CertificateAuthority authority) => TypedResults.Json(authority.Trust, ElysiumJson.Default.TrustBundle);

    private static async Task<IResult> Enroll(EnrollRequest request, HttpContext http, MachineEnrollment enrollment, CancellationToken cancellationToken)
    {
        if (BearerSecret.HashFrom(http.Request, JoinCode.SecretPrefix) is not { } secretHash)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
            return new Refusal(ProblemCodes.CredentialRequired, $"Enrolment takes 'Authorization: Bearer {JoinCode.SecretPrefix}…', the secret in a join code.").ToResult();
        }

        var outcome = await enrollment.RunAsync(secretHash, request, cancellationToken);
        return outcome.Refusal is { } refusal ? refusal.ToResult() : TypedResults.Json(outcome.Value, ElysiumJson.Default.EnrollResponse);
    }
}
