using Microsoft.AspNetCore.Authorization;

namespace Elysium.Backend.Access;

/// <summary>Who may call what, by route group: peers with a certificate, operators with an API token.</summary>
internal static class AccessSetup
{
    private static readonly AuthorizationPolicy Peer = Policy(PeerCertificateHandler.Name).Build();
    private static readonly AuthorizationPolicy Read = Policy(ApiTokenHandler.Name).Build();
    private static readonly AuthorizationPolicy Change = Policy(ApiTokenHandler.Name).RequireRole(ApiRole.Admin, ApiRole.Operator).Build();

    public static void AddAccess(this IServiceCollection services)
    {
        // The core alone: AddAuthentication would also keep data protection keys in the user's home, for cookies that nobody uses.
        services.AddAuthenticationCore(schemes =>
        {
            schemes.AddScheme<PeerCertificateHandler>(PeerCertificateHandler.Name, null);
            schemes.AddScheme<ApiTokenHandler>(ApiTokenHandler.Name, null);
        });
        services.AddWebEncoders();
        services.AddSingleton<LivePeers>().AddTransient<PeerCertificateHandler>().AddTransient<ApiTokenHandler>();
        services.AddAuthorization();
    }

    public static TBuilder RequirePeer<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.RequireAuthorization(Peer);

    /// <summary>Any API token for reading; an operator's or an admin's for everything else.</summary>
    public static RouteHandlerBuilder RequireApiToken(this RouteHandlerBuilder builder, bool change) =>
        builder.RequireAuthorization(change ? Change : Read);

    private static AuthorizationPolicyBuilder Policy(string scheme) =>
        new AuthorizationPolicyBuilder(scheme).RequireAuthenticatedUser();
}
