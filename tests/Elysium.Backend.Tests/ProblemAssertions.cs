using System.Net;
using System.Net.Http.Json;
using Elysium.Contracts;

namespace Elysium.Backend.Tests;

internal static class ProblemAssertions
{
    /// <summary>The answer is a problem with this status and code, as its media type says.</summary>
    public static async Task<Problem> ShouldBeProblemAsync(this HttpResponseMessage answer, int status, string code)
    {
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe((HttpStatusCode)status, text);
        answer.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
        var problem = (await answer.Content.ReadFromJsonAsync(ElysiumJson.Default.Problem))!;
        problem.Code.ShouldBe(code, text);
        problem.Status.ShouldBe(status);
        return problem;
    }
}
