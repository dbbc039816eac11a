using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Elysium.Client.Agent;

/// <summary>One item of the event stream.</summary>
internal abstract record FeedItem
{
    /// <summary>Reads an item as <see cref="SseParser"/> hands it over.</summary>
    /// <exception cref="JsonException">The data is not what the event's name says.</exception>
    public static FeedItem Read(string eventType, ReadOnlySpan<byte> data) => eventType switch
    {
        FeedEvents.Map => new WholeMap(JsonSerializer.Deserialize(data, ElysiumJson.Default.NetworkMap) ?? throw new JsonException("The map is null.")),
        FeedEvents.Change => new Changed(JsonSerializer.Deserialize(data, ElysiumJson.Default.MapChange) ?? throw new JsonException("The change is null.")),
        FeedEvents.Ping => new Pinged(JsonSerializer.Deserialize(data, ElysiumJson.Default.FeedPing) ?? throw new JsonException("The ping is null.")),
        _ => new Unknown(),
    };

    public sealed record WholeMap(NetworkMap Map) : FeedItem;

    public sealed record Changed(MapChange Change) : FeedItem;

    public sealed record Pinged(FeedPing Ping) : FeedItem;

    /// <summary>From a newer backend: proves that the stream lives, says nothing to this agent.</summary>
    public sealed record Unknown : FeedItem;
}
