using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Elysium.Contracts;
using Elysium.Lab;
using Elysium.WireGuard;

namespace Elysium.EndToEnd.Tests.Faults;

/// <summary>
/// One of very many agents: it holds a stream by its certificate, and comes back as an agent does: after the time it was told, or after a jittered wait
/// that grows until it gets something.
/// </summary>
internal sealed class Member : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly LabHost _from;
    private readonly Uri _backend;
    private readonly X509Certificate2 _certificate;
    private long _version;
    private volatile bool _isConnected;

    private Member(LabHost from, Uri backend, X509Certificate2 certificate, long version) => (_from, _backend, _certificate, _version) = (from, backend, certificate, version);

    /// <summary>The version that it was told last.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Whether it has a stream that gave something.</summary>
    public bool IsConnected => _isConnected;

    /// <summary>Makes its keys and enrols.</summary>
    public static async Task<Member> JoinAsync(LabHost from, HttpClient client, JoinCode code, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new EnrollRequest(
            name, PrivateKey.Generate().PublicKey.ToString(), new CertificateRequest("CN=elysium", key, HashAlgorithmName.SHA256).CreateSigningRequestPem());
        using var message = new HttpRequestMessage(HttpMethod.Post, "/v1/enroll") { Content = JsonContent.Create(request, ElysiumJson.Default.EnrollRequest) };
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", code.BearerToken);
        using var answer = await client.SendAsync(message);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        var enrolled = (await answer.Content.ReadFromJsonAsync(ElysiumJson.Default.EnrollResponse))!;
        using var certificate = X509Certificate2.CreateFromPem(enrolled.Certificate);
        return new Member(from, code.Url, certificate.CopyWithPrivateKey(key), enrolled.Map.Version);
    }

    /// <summary>Follows the feed until it is cancelled.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan? told = null;
            try
            {
                using var client = LabConnections.Client(_from, _backend, Patience, _certificate);
                told = await ReadAsync(client, cancellationToken);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                // What its agent would log.
            }

            failures = _isConnected ? 0 : failures + 1;
            _isConnected = false;
            var wait = told ?? TimeSpan.FromSeconds(1 + (RandomNumberGenerator.GetInt32(1000) / 1000.0 * (Math.Min(60, Math.Pow(2, failures + 1)) - 1)));
            await Task.Delay(wait, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _certificate.Dispose();

    /// <summary>When to come back, if the stream said so.</summary>
    private async Task<TimeSpan?> ReadAsync(HttpClient client, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/self/events") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Add("Last-Event-ID", Version.ToString(CultureInfo.InvariantCulture));
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        answer.EnsureSuccessStatusCode();
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var events = SseParser.Create(stream);
        try
        {
            await foreach (var item in events.EnumerateAsync(cancellationToken))
            {
                if (item.EventId is { Length: > 0 } id)
                {
                    Volatile.Write(ref _version, long.Parse(id, CultureInfo.InvariantCulture));
                }

                _isConnected = true;
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // It broke off; what it was told before still holds.
        }

        return events.ReconnectionInterval is { Ticks: >= 0 } wait ? wait : null;
    }
}
