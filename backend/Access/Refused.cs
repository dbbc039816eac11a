using Elysium.Backend.Hosting;
using Microsoft.AspNetCore.Authentication;

namespace Elysium.Backend.Access;

/// <summary>Carries the reason of a failed authentication from where it is found to where the answer is written.</summary>
internal sealed class Refused(Refusal refusal) : AuthenticationFailureException(refusal.Code)
{
    public Refusal Refusal => refusal;

    public static AuthenticateResult Because(string code, string detail) => AuthenticateResult.Fail(new Refused(new Refusal(code, detail)));
}
