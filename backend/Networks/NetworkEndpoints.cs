using Elysium.Backend.Access;
using Elysium.Backend.Hosting;
using Elysium.Contracts;

namespace Elysium.Backend.Networks;

/// <summary>Networks for operators: <c>/v1/networks</c>.</summary>
internal static class NetworkEndpoints
{
    public static void MapNetworks(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/networks", List).RequireApiToken(change: false).Produces<Listing<NetworkResponse>>();
        routes.MapGet("/v1/networks/{name}", Show).RequireApiToken(change: false).Produces<NetworkResponse>();
        routes.MapPost("/v1/networks", Create).RequireApiToken(change: true).Produces<NetworkResponse>(StatusCodes.Status201Created);
        routes.MapDelete("/v1/networks/{name}", Delete).RequireApiToken(change: true).Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<IResult> List(NetworkReader networks, CancellationToken cancellationToken) =>
        TypedResults.Json(new Listing<NetworkResponse>(await networks.ListAsync(null, cancellationToken)), ElysiumJson.Default.ListingNetworkResponse);

    private static async Task<IResult> Show(string name, NetworkReader networks, CancellationToken cancellationToken) =>
        await networks.ListAsync(name, cancellationToken) is [var network]
            ? TypedResults.Json(network, ElysiumJson.Default.NetworkResponse)
            : NotFound(name).ToResult();

    private static async Task<IResult> Create(
        CreateNetworkRequest request,
        HttpContext http,
        NetworkCreation creation,
        NetworkReader networks,
        CancellationToken cancellationToken)
    {
        var outcome = await creation.RunAsync(request, http.User.Identity!.Name!, cancellationToken);
        return outcome.Refusal is { } refusal
            ? refusal.ToResult()
            : TypedResults.Json(networks.Describe(outcome.Value, peers: 0), ElysiumJson.Default.NetworkResponse, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> Delete(string name, HttpContext http, NetworkDeletion deletion, CancellationToken cancellationToken) =>
        (await deletion.RunAsync(name, http.User.Identity!.Name!, cancellationToken)).Refusal is { } refusal
            ? refusal.ToResult()
            : TypedResults.NoContent();

    public static Refusal NotFound(string name) =>
        new(ProblemCodes.NetworkNotFound, $"There is no network '{(name.Length <= DnsLabel.MaxLength ? name : name[..DnsLabel.MaxLength] + "…")}'. 'elysium network list' shows all.");
}
