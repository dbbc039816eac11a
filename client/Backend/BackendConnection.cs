using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Elysium.Client.Backend;

/// <summary>
/// One connection to one backend: HTTP/2 where it can, so that the event stream and every request share it. A new certificate or a
/// new attempt takes a new one: pooled connections would keep the old certificate, and a dead connection its requests.
/// </summary>
internal sealed class BackendConnection : IDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly bool _isVerified;
    private volatile string? _distrust;

    private BackendConnection(
        Uri url,
        TimeProvider time,
        X509ChainPolicy policy,
        Func<X509Certificate2?, X509Certificate2Collection, string?> judge,
        SslStreamCertificateContext? identity,
        bool isVerified)
    {
        _time = time;
        _isVerified = isVerified;
        var handler = new SocketsHttpHandler
        {
            // Also of the event stream, whose frames are members that follow each other; each is handed on when it has come.
            AutomaticDecompression = DecompressionMethods.GZip,
            ConnectTimeout = RequestTimeout,
            ConnectCallback = (context, cancellation) => Dialing.ConnectAsync(context.DnsEndPoint, time, cancellation),
            AllowAutoRedirect = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            SslOptions = new SslClientAuthenticationOptions
            {
                // Its chain is thrown away; without this policy building it would follow URLs in the server's certificate.
                CertificateChainPolicy = policy,
                ClientCertificateContext = identity,
                RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                    (_distrust = judge(certificate as X509Certificate2, chain?.ChainPolicy.ExtraStore ?? [])) is null,
            },
        };
        _http = new HttpClient(handler)
        {
            BaseAddress = url,
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            MaxResponseContentBufferSize = 64 * 1024 * 1024,
        };
    }

    /// <summary>Verifies the server before anything is sent, and shows <paramref name="identity"/> when it is asked to.</summary>
    public static BackendConnection Verified(Uri url, BackendTrust trust, TimeProvider time, SslStreamCertificateContext? identity = null) =>
        new(url, time, trust.ChainPolicy(), trust.Judge, identity, isVerified: true);

    /// <summary>
    /// Verifies nothing: only for <c>GET /v1/trust</c>, whose answer is judged by a pin. What else is answered is nobody's word, and none of it is told.
    /// </summary>
    public static BackendConnection Unverified(Uri url, TimeProvider time) => new(
        url,
        time,
        new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck },
        static (_, _) => null,
        identity: null,
        isVerified: false);

    public Task<Answer<TrustBundle>> GetTrustAsync(CancellationToken cancellation) =>
        GetAsync("/v1/trust", ElysiumJson.Default.TrustBundle, null, cancellation);

    public Task<Answer<T>> GetAsync<T>(string path, JsonTypeInfo<T> type, string? bearer, CancellationToken cancellation)
        where T : class =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, path), type, bearer, cancellation);

    public Task<Answer<TResponse>> PostAsync<TRequest, TResponse>(
        string path,
        TRequest body,
        JsonTypeInfo<TRequest> bodyType,
        JsonTypeInfo<TResponse> type,
        string? bearer,
        CancellationToken cancellation)
        where TResponse : class
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, bodyType));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = content }, type, bearer, cancellation);
    }

    public Task<Answer<Done>> DeleteAsync(string path, string? bearer, CancellationToken cancellation) =>
        SendAsync<Done>(new HttpRequestMessage(HttpMethod.Delete, path), null, bearer, cancellation);

    /// <summary>The whole map as the database has it now: for an agent that does not believe the one it was told, so no copy will do.</summary>
    public Task<Answer<NetworkMap>> GetWholeMapAsync(CancellationToken cancellation)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/self/map");
        request.Headers.CacheControl = new CacheControlHeaderValue { NoCache = true };
        return SendAsync(request, ElysiumJson.Default.NetworkMap, null, cancellation);
    }

    /// <summary>Opens the event stream; the caller reads it and limits how long it may be silent.</summary>
    public async Task<Answer<Stream>> OpenStreamAsync(string path, string? lastEventId, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (lastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }

        try
        {
            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            return response.IsSuccessStatusCode
                ? await response.Content.ReadAsStreamAsync(cancellation)
                : await FailureOfAsync(response, cancellation);
        }
        catch (Exception e) when (ExplainFailure(e, cancellation) is not null)
        {
            return ExplainFailure(e, cancellation)!;
        }
    }

    /// <summary>What a broken connection was broken by; null for what is no such thing.</summary>
    public Failure? ExplainFailure(Exception e, CancellationToken cancellation) => e switch
    {
        OperationCanceledException when !cancellation.IsCancellationRequested => new Unreachable($"{Name} did not answer within {RequestTimeout.TotalSeconds:0} s"),
        HttpRequestException when _distrust is { } why => new Untrusted($"{Name} is not the backend it should be: {why}"),
        HttpRequestException { InnerException: AuthenticationException tls } => new Unreachable($"no TLS with {Name}: {Innermost(tls)}"),
        HttpRequestException or IOException => new Unreachable($"cannot reach {Name}: {Innermost(e)}"),
        _ => null,
    };

    public void Dispose() => _http.Dispose();

    private string Name => _http.BaseAddress!.Authority;

    private async Task<Answer<T>> SendAsync<T>(HttpRequestMessage request, JsonTypeInfo<T>? type, string? bearer, CancellationToken cancellation)
        where T : class
    {
        using var message = request;
        if (bearer is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        }

        using var timeout = new CancellationTokenSource(RequestTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        try
        {
            using var response = await _http.SendAsync(request, either.Token);
            if (!response.IsSuccessStatusCode)
            {
                return await FailureOfAsync(response, either.Token);
            }

            if (type is null)
            {
                return (T)(object)Done.Value;
            }

            await using var body = await response.Content.ReadAsStreamAsync(either.Token);
            return await JsonSerializer.DeserializeAsync(body, type, either.Token) is { } value
                ? value
                : new Unreachable($"{Name} answered nothing to {request.Method} {request.RequestUri}");
        }
        catch (JsonException) when (!_isVerified)
        {
            return new Unreachable($"{Name} answered something else than an Elysium backend does");
        }
        catch (JsonException e)
        {
            return new Unreachable($"{Name} answered {request.Method} {request.RequestUri} with something else than Elysium's JSON: {e.Message}");
        }
        catch (Exception e) when (ExplainFailure(e, cancellation) is not null)
        {
            return ExplainFailure(e, cancellation)!;
        }
    }

    private async Task<Failure> FailureOfAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (!_isVerified)
        {
            return new Unreachable($"{Name} answered HTTP {(int)response.StatusCode}, and has not proved that it is an Elysium backend");
        }

        Problem? problem = null;
        if (response.Content.Headers.ContentType?.MediaType == "application/problem+json")
        {
            try
            {
                await using var body = await response.Content.ReadAsStreamAsync(cancellation);
                problem = await JsonSerializer.DeserializeAsync(body, ElysiumJson.Default.Problem, cancellation);
            }
            catch (JsonException)
            {
                // Told below as what it is: an answer that is no problem of Elysium.
            }
        }

        var status = (int)response.StatusCode;
        return (problem, status) switch
        {
            (null, _) => new Unreachable($"{Name} answered with HTTP {status} and no problem of Elysium"),
            ({ Code: ProblemCodes.OutcomeUnknown }, >= 500) => new Undecided($"{Name}: {problem.Detail ?? problem.Title}"),
            (_, >= 500) => new Unreachable($"{Name}: {problem.Detail ?? problem.Title}{(problem.TraceId is { } id ? $" (trace {id})" : "")}"),
            _ => new Refusal(problem),
        };
    }

    private static string Innermost(Exception e)
    {
        while (e.InnerException is { } inner)
        {
            e = inner;
        }

        return e.Message.TrimEnd('.');
    }
}
