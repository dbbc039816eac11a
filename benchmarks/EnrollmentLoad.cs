using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Elysium.Contracts;

namespace Elysium.Benchmarks;

/// <summary>Many machines that join at once: each with its own keys and its own TLS connection.</summary>
internal static class EnrollmentLoad
{
    public static async Task RunAsync(string joinCode, int joins, int clients, CancellationToken cancellationToken)
    {
        if (!JoinCode.TryParse(joinCode, out var code, out var error))
        {
            throw new HttpRequestException(error);
        }

        var trust = await PinnedTrust.FetchAsync(code, cancellationToken);

        // The first joins are not measured: the backend compiles its code then.
        var warmUp = Math.Max(clients, joins / 10);
        var newcomers = Enumerable.Range(1, warmUp + joins).Select(Newcomer.Create).ToArray();
        await JoinAllAsync(code, trust, newcomers[..warmUp], clients, cancellationToken);

        var time = TimeProvider.System;
        var start = time.GetTimestamp();
        var took = await JoinAllAsync(code, trust, newcomers[warmUp..], clients, cancellationToken);
        var seconds = time.GetElapsedTime(start).TotalSeconds;

        Figures.Print("joins_per_second", joins / seconds);
        Figures.Print("join_p50_ms", Figures.Percentile(took, 0.50));
        Figures.Print("join_p99_ms", Figures.Percentile(took, 0.99));
    }

    private static async Task<IReadOnlyCollection<double>> JoinAllAsync(
        JoinCode code, PinnedTrust trust, EnrollRequest[] newcomers, int clients, CancellationToken cancellationToken)
    {
        var waiting = new ConcurrentQueue<EnrollRequest>(newcomers);
        var took = new ConcurrentBag<double>();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
        {
            while (waiting.TryDequeue(out var newcomer))
            {
                var start = TimeProvider.System.GetTimestamp();
                await JoinAsync(code, trust, newcomer, cancellationToken);
                took.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
            }
        }));
        return took;
    }

    private static async Task JoinAsync(JoinCode code, PinnedTrust trust, EnrollRequest newcomer, CancellationToken cancellationToken)
    {
        using var client = trust.Connect(code.Url);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/enroll")
        {
            Content = JsonContent.Create(newcomer, ElysiumJson.Default.EnrollRequest),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", code.BearerToken);
        using var response = await client.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException(
                $"{newcomer.Name} could not join: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellationToken)}");
        }

        var answer = await response.Content.ReadFromJsonAsync(ElysiumJson.Default.EnrollResponse, cancellationToken);
        if (answer?.Map.Self.Name != newcomer.Name)
        {
            throw new HttpRequestException($"{newcomer.Name} got a map of {answer?.Map.Self.Name}.");
        }
    }
}
