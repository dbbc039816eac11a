using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Elysium.Contracts;
using Elysium.Lab;
using Elysium.WireGuard;

namespace Elysium.EndToEnd.Tests.Faults;

/// <summary>
/// Machines that keep coming, a hundred a second and no more, from one host of the lab. Each has its own keys and asks until it has an answer, as
/// <c>elysium join</c> does; a no of the backend is final. They come over a few dozen connections, which the backend must not care about.
/// </summary>
internal sealed class Newcomers : IAsyncDisposable
{
    private const int AtOnce = 100;
    private static readonly TimeSpan Slot = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly CancellationTokenSource _enough = new();
    private readonly CancellationTokenSource _abandoned = new();
    private readonly ConcurrentDictionary<string, MapSelf> _joined = new();
    private readonly ConcurrentQueue<string> _refused = new();
    private readonly HttpClient _client;
    private readonly JoinCode _code;
    private readonly Task _crowd;
    private int _number;
    private int _failures;

    private Newcomers(LabHost from, JoinCode code)
    {
        _code = code;
        _client = LabConnections.Client(from, code.Url, Patience);
        _crowd = Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(ComeAsync)));
    }

    /// <summary>Who has joined, by name: what the machine was told of itself.</summary>
    public IReadOnlyDictionary<string, MapSelf> Joined => _joined;

    /// <summary>What the backend refused for good.</summary>
    public IReadOnlyCollection<string> Refused => _refused;

    /// <summary>How many attempts came to nothing so far.</summary>
    public int Failures => _failures;

    public static Newcomers Start(LabHost from, string joinCode) =>
        JoinCode.TryParse(joinCode, out var code, out var error) ? new Newcomers(from, code) : throw new LabException(error);

    /// <summary>Waits until this many more have joined.</summary>
    public async Task JoinAsync(int more, TimeSpan within)
    {
        var goal = _joined.Count + more;
        await Eventually.HoldsAsync($"{more} more machines join", within, () => Task.FromResult(_joined.Count >= goal || !_refused.IsEmpty));
    }

    /// <summary>Nobody new comes any more; who is at it goes on until it has an answer.</summary>
    public async Task EndAsync(TimeSpan within)
    {
        await _enough.CancelAsync();
        await _crowd.WaitAsync(within, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        await _enough.CancelAsync();
        await _abandoned.CancelAsync();
        await _crowd.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _client.Dispose();
        _enough.Dispose();
        _abandoned.Dispose();
    }

    private async Task ComeAsync()
    {
        var time = TimeProvider.System;
        await Task.Delay(Slot * RandomNumberGenerator.GetInt32(1000) / 1000, time, _abandoned.Token);
        while (!_enough.IsCancellationRequested)
        {
            var begun = time.GetTimestamp();
            var request = Machine(Interlocked.Increment(ref _number));
            while (!await AskAsync(request))
            {
                Interlocked.Increment(ref _failures);
                await Task.Delay(Slot * RandomNumberGenerator.GetInt32(500, 1500) / 1000, time, _abandoned.Token);
            }

            var rest = Slot - time.GetElapsedTime(begun);
            if (rest > TimeSpan.Zero)
            {
                await Task.Delay(rest, time, _abandoned.Token);
            }
        }
    }

    /// <summary>Whether there was an answer.</summary>
    private async Task<bool> AskAsync(EnrollRequest request)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "/v1/enroll") { Content = JsonContent.Create(request, ElysiumJson.Default.EnrollRequest) };
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _code.BearerToken);
        try
        {
            using var answer = await _client.SendAsync(message, _abandoned.Token);
            if (answer.IsSuccessStatusCode)
            {
                _joined[request.Name] = (await answer.Content.ReadFromJsonAsync(ElysiumJson.Default.EnrollResponse, _abandoned.Token))!.Map.Self;
                return true;
            }

            var said = $"{request.Name}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(_abandoned.Token)}";
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                return false;
            }

            _refused.Enqueue(said);
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && !_abandoned.IsCancellationRequested)
        {
            return false;
        }
    }

    private static EnrollRequest Machine(int number)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new EnrollRequest(
            $"newcomer-{number}",
            PrivateKey.Generate().PublicKey.ToString(),
            new CertificateRequest("CN=elysium", key, HashAlgorithmName.SHA256).CreateSigningRequestPem());
    }
}
