using System.IO.Compression;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Elysium.Contracts;

namespace Elysium.Backend.Tests.Maps;

/// <summary>A reader of one peer's event stream, with a deadline on each item.</summary>
internal sealed class TestFeed : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly HttpClient _client;
    private readonly Stream _body;
    private readonly SseParser<string> _parser;
    private readonly IAsyncEnumerator<SseItem<string>> _items;

    private TestFeed(HttpClient client, Stream body)
    {
        _client = client;
        _body = body;
        _parser = SseParser.Create(body);
        _items = _parser.EnumerateAsync().GetAsyncEnumerator();
    }

    public TimeSpan ReconnectionInterval => _parser.ReconnectionInterval;

    public static async Task<TestFeed> OpenAsync(TestBackend backend, TestPeer peer, string? lastEventId = null, bool gzip = false)
    {
        var client = backend.Client(peer.Certificate);
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/self/events") { Version = System.Net.HttpVersion.Version20 };
        request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        if (gzip)
        {
            request.Headers.AcceptEncoding.ParseAdd("gzip");
        }

        var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.IsSuccessStatusCode.ShouldBeTrue();
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        answer.Headers.Vary.ShouldBe(["Accept-Encoding"]);
        answer.Content.Headers.ContentEncoding.ShouldBe(gzip ? ["gzip"] : []);
        var body = await answer.Content.ReadAsStreamAsync();
        return new TestFeed(client, gzip ? new GZipStream(body, CompressionMode.Decompress) : body);
    }

    public async Task<SseItem<string>> NextAsync() => await TryNextAsync() ?? throw new InvalidOperationException("The stream ended.");

    /// <summary>The next item; null when the stream has ended.</summary>
    public async Task<SseItem<string>?> TryNextAsync() => await _items.MoveNextAsync().AsTask().WaitAsync(Deadline) ? _items.Current : null;

    public async Task<MapChange> NextChangeAsync()
    {
        while (true)
        {
            var item = await NextAsync();
            if (item.EventType == FeedEvents.Change)
            {
                return JsonSerializer.Deserialize(item.Data, ElysiumJson.Default.MapChange)!;
            }
        }
    }

    public async Task<FeedPing> NextPingAsync()
    {
        while (true)
        {
            var item = await NextAsync();
            if (item.EventType == FeedEvents.Ping)
            {
                return JsonSerializer.Deserialize(item.Data, ElysiumJson.Default.FeedPing)!;
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        // The client alone would leave the stream open until somebody reads it.
        _body.Dispose();
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
