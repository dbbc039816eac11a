using System.Text.Json.Serialization;

namespace Elysium.Contracts;

/// <summary>Problem details (RFC 9457, <c>application/problem+json</c>).</summary>
/// <param name="Title">What is wrong, in a few words; the same for every problem of one code.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">One of <see cref="ProblemCodes"/>.</param>
/// <param name="Detail">What was wrong with this request, with the offending value, and what to do.</param>
/// <param name="TraceId">What the backend's log calls this request; always there on a 5xx.</param>
public sealed record Problem(
    string Title,
    int Status,
    string Code,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? TraceId = null);
