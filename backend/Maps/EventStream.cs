using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Elysium.Backend.Maps;

/// <summary>Writes server-sent events (HTML Living Standard §9.2.6) as they come; each is on the wire when its write returns.</summary>
internal sealed class EventStream(HttpResponse response)
{
    public const string MediaType = "text/event-stream";

    private readonly PipeWriter _body = response.BodyWriter;

    public void Begin()
    {
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
    }

    public async Task WriteAsync<T>(string name, long? id, T data, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        Text($"event: {name}\n");
        if (id is { } version)
        {
            Text(string.Create(CultureInfo.InvariantCulture, $"id: {version}\n"));
        }

        Text("data: ");
        _body.Write(JsonSerializer.SerializeToUtf8Bytes(data, type));
        Text("\n\n");
        await _body.FlushAsync(cancellationToken);
    }

    /// <summary>How long the reader is to wait before it comes back.</summary>
    public async Task WriteRetryAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        Text(string.Create(CultureInfo.InvariantCulture, $"retry: {(long)wait.TotalMilliseconds}\n\n"));
        await _body.FlushAsync(cancellationToken);
    }

    private void Text(string text) => Encoding.UTF8.GetBytes(text, _body);
}
