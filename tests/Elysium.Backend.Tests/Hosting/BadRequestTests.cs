using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Elysium.Contracts;

namespace Elysium.Backend.Tests.Hosting;

public sealed class BadRequestTests
{
    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{}")]
    [InlineData("""{"name":"home","prefix":7}""")]
    [InlineData("""{"name":null}""")]
    [InlineData("""{"name":"home","listenPort":"51820"}""")]
    [InlineData("""{"name":"home","listenPort":99999999999}""")]
    [InlineData("""{"name":"home","mtu":1420.5}""")]
    public async Task A_body_that_is_not_what_the_route_takes_is_a_400_that_says_where(string body)
    {
        await using var backend = await TestBackend.StartAsync();

        var answer = await backend.Admin.PostAsync("/v1/networks", Json(body));

        var problem = await answer.ShouldBeProblemAsync(400, ProblemCodes.InvalidRequest);
        problem.Detail.ShouldNotBeNullOrEmpty();
        problem.Detail.ShouldNotContain("Elysium.");
        problem.Detail.ShouldNotContain("System.");
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_body_that_is_too_large_is_a_413(string version)
    {
        await using var backend = await TestBackend.StartAsync();
        using var client = backend.Client(version: Version.Parse(version));

        var answer = await client.PostAsync("/v1/enroll", Json($$"""{"name":"{{new string('x', 70_000)}}"}"""));

        await answer.ShouldBeProblemAsync(413, ProblemCodes.BodyTooLarge);
    }

    [Fact]
    public async Task A_deeply_nested_body_breaks_nothing()
    {
        await using var backend = await TestBackend.StartAsync();

        var answer = await backend.Admin.PostAsync("/v1/networks", Json(new string('[', 30_000)));

        await answer.ShouldBeProblemAsync(400, ProblemCodes.InvalidRequest);
    }

    [Fact]
    public async Task Another_media_type_is_a_415()
    {
        await using var backend = await TestBackend.StartAsync();

        var answer = await backend.Admin.PostAsync("/v1/networks", new StringContent("name=home", Encoding.UTF8, "application/x-www-form-urlencoded"));

        await answer.ShouldBeProblemAsync(415, ProblemCodes.UnsupportedMediaType);
    }

    [Fact]
    public async Task Unknown_routes_and_methods_are_problems_too()
    {
        await using var backend = await TestBackend.StartAsync();

        await (await backend.Admin.GetAsync("/v1/nothing")).ShouldBeProblemAsync(404, ProblemCodes.NotFound);
        await (await backend.Admin.DeleteAsync("/v1/trust")).ShouldBeProblemAsync(405, ProblemCodes.MethodNotAllowed);
    }

    [Fact]
    public async Task Health_readiness_trust_and_the_API_description_are_open_to_all()
    {
        await using var backend = await TestBackend.StartAsync();
        using var client = backend.Client();

        foreach (var path in new[] { "/healthz", "/readyz", "/v1/trust", "/openapi/v1.json" })
        {
            (await client.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.OK, path);
        }
    }

    [Fact]
    public async Task Plain_HTTP_gets_no_answer_and_hurts_nobody()
    {
        await using var backend = await TestBackend.StartAsync();
        using var plain = new HttpClient { BaseAddress = new UriBuilder(backend.Url) { Scheme = "http" }.Uri };

        await Should.ThrowAsync<HttpRequestException>(() => plain.GetAsync("/healthz"));

        (await backend.Admin.GetAsync("/healthz")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static StringContent Json(string body) => new(body, new MediaTypeHeaderValue("application/json"));
}
