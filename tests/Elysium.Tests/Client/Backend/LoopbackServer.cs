using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Elysium.Tests.Client.Backend;

/// <summary>What a TLS server on loopback hears: real TLS, HTTP/1.1, one request a connection, and every byte of it kept.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly SslServerAuthenticationOptions _tls;
    private readonly Func<string, string> _answer;
    private readonly Task _accepting;

    /// <param name="certificate">What it shows, with its key.</param>
    /// <param name="answer">From a request's first line to what follows <c>HTTP/1.1</c> in the response.</param>
    /// <param name="sent">The certificates that it sends along.</param>
    public LoopbackServer(X509Certificate2 certificate, Func<string, string> answer, params X509Certificate2[] sent)
    {
        _answer = answer;
        _tls = new SslServerAuthenticationOptions { ServerCertificateContext = SslStreamCertificateContext.Create(certificate, [.. sent], offline: true) };
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Url => new($"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Whole requests, or as much as came of one before the client hung up.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>Connections whose client hung up or refused before a request was whole.</summary>
    public ConcurrentQueue<string> Refused { get; } = [];

    public static string Json(string json) => $"200 OK\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}";

    public static string Problem(int status, string json) =>
        $"{status} Problem\r\nContent-Type: application/problem+json\r\nContent-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var served = new List<Task>();
        try
        {
            while (true)
            {
                served.Add(ServeAsync(await _listener.AcceptSocketAsync(_stop.Token)));
            }
        }
        finally
        {
            await Task.WhenAll(served);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var heard = new StringBuilder();
        try
        {
            await tls.AuthenticateAsServerAsync(_tls, _stop.Token);
            var buffer = new byte[4096];
            while (!IsWhole(heard.ToString()))
            {
                var count = await tls.ReadAsync(buffer, _stop.Token);
                if (count == 0)
                {
                    Refused.Enqueue(heard.ToString());
                    return;
                }

                heard.Append(Encoding.UTF8.GetString(buffer, 0, count));
            }

            Requests.Enqueue(heard.ToString());
            var answer = _answer(heard.ToString().Split("\r\n")[0]).Replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n", StringComparison.Ordinal);
            await tls.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 {answer}"), _stop.Token);
            await tls.ShutdownAsync();
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            Refused.Enqueue(heard.ToString());
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private static bool IsWhole(string request)
    {
        const string Length = "Content-Length: ";
        var head = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var length = request.Split("\r\n").FirstOrDefault(l => l.StartsWith(Length, StringComparison.OrdinalIgnoreCase));
        return head > 0 && request.Length >= head + 4 + (length is null ? 0 : int.Parse(length[Length.Length..]));
    }
}
