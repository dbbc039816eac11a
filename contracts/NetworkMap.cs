using System.Text.Json.Serialization;

namespace Elysium.Contracts;

/// <summary>
/// What one peer may see of its network, whole: <c>GET /v1/self/map</c> and the <c>map</c> event. Nothing may assume that
/// <see cref="Peers"/> is the whole network; the hub's prefix carries the rest. Agents keep maps on disk: what a later version adds has
/// a default, so that a map of an earlier one is still read.
/// </summary>
/// <param name="Version">The network's version that this map shows; the event's id. 0: it is not whole, as in the answer to an enrolment, and its
/// <paramref name="Peers"/> say nothing.</param>
/// <param name="Network">The network.</param>
/// <param name="Self">The peer that asks.</param>
/// <param name="Hubs">The hubs, best first.</param>
/// <param name="Backends">Base URLs of the backends, best first.</param>
/// <param name="Peers">Peers by name; the one that asks may be among them, because all peers of a network are sent the same bytes.</param>
public sealed record NetworkMap(
    long Version,
    MapNetwork Network,
    MapSelf Self,
    IReadOnlyList<MapHub> Hubs,
    IReadOnlyList<string> Backends,
    IReadOnlyList<MapPeer> Peers);

/// <summary>The network, as its peers see it.</summary>
/// <param name="Id">Its id; never used again.</param>
/// <param name="Name">Its name.</param>
/// <param name="Prefix">IPv4 prefix, such as <c>10.77.0.0/24</c>.</param>
/// <param name="Mtu">MTU of the interface, bytes.</param>
/// <param name="Prefix6">IPv6 prefix, such as <c>fd12:3456:789a::/64</c>; null: the network is IPv4 only.</param>
public sealed record MapNetwork(Guid Id, string Name, string Prefix, int Mtu, string? Prefix6 = null);

/// <summary>The peer that asks.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Address">Its IPv4 address in the network.</param>
/// <param name="WireGuardPublicKey">The key that the hub knows it by, base64.</param>
/// <param name="Ephemeral">Whether it is marked as ephemeral; nothing removes such peers by itself yet.</param>
/// <param name="Address6">Its IPv6 address in the network; null: the network is IPv4 only.</param>
public sealed record MapSelf(Guid Id, string Name, string Address, string WireGuardPublicKey, bool Ephemeral, string? Address6 = null);

/// <summary>A hub: a WireGuard peer that relays for the whole network.</summary>
/// <param name="WireGuardPublicKey">Base64.</param>
/// <param name="Endpoint"><c>host:port</c> or <c>[v6]:port</c>; the host may be a DNS name. The first of <paramref name="Endpoints"/>.</param>
/// <param name="Address">The hub's own IPv4 address in the network.</param>
/// <param name="AllowedIps">Prefixes that go through it.</param>
/// <param name="PersistentKeepalive">Seconds between keepalives; 0 is off.</param>
/// <param name="Address6">The hub's own IPv6 address in the network; null: the network is IPv4 only.</param>
/// <param name="Endpoints">Everywhere that it is reached, best first; null: only at <paramref name="Endpoint"/>.</param>
public sealed record MapHub(
    string WireGuardPublicKey,
    string Endpoint,
    string Address,
    IReadOnlyList<string> AllowedIps,
    int PersistentKeepalive,
    string? Address6 = null,
    IReadOnlyList<string>? Endpoints = null);

/// <summary>Another peer.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Address">Its IPv4 address in the network.</param>
/// <param name="WireGuardPublicKey">Base64.</param>
/// <param name="Tags">What the operator calls it.</param>
/// <param name="Address6">Its IPv6 address in the network; null: the network is IPv4 only.</param>
public sealed record MapPeer(Guid Id, string Name, string Address, string WireGuardPublicKey, IReadOnlyList<string> Tags, string? Address6 = null);

/// <summary>
/// The <c>change</c> event: what is different since the version that the receiver holds, up to <see cref="Version"/>. Applying
/// one twice is harmless. Null means: as before.
/// </summary>
/// <param name="Version">The version that the receiver holds afterwards; the event's id.</param>
/// <param name="Peers">Peers that are new or different; the receiver may be among them.</param>
/// <param name="Removed">Ids of peers that are gone.</param>
/// <param name="Network">The network, if it changed.</param>
/// <param name="Hubs">The hubs, if they changed.</param>
public sealed record MapChange(
    long Version,
    IReadOnlyList<MapPeer> Peers,
    IReadOnlyList<Guid> Removed,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] MapNetwork? Network = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<MapHub>? Hubs = null);

/// <summary>The <c>ping</c> event: the stream lives.</summary>
/// <param name="Version">The network's version as the backend knows it.</param>
/// <param name="StaleSince">When the backend last could read the database, if it cannot now.</param>
public sealed record FeedPing(
    long Version,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? StaleSince = null);

/// <summary><c>POST /v1/self/heartbeat</c>.</summary>
/// <param name="Session">A random id of this run of the agent; fences a late disconnect of an earlier one.</param>
/// <param name="Version">The map version that the agent holds.</param>
public sealed record HeartbeatRequest(Guid Session, long Version);

/// <summary>The answer to a heartbeat.</summary>
/// <param name="Version">The network's version now.</param>
public sealed record HeartbeatResponse(long Version);

/// <summary>Names of the server-sent events of <c>GET /v1/self/events</c>.</summary>
public static class FeedEvents
{
    /// <summary>A <see cref="NetworkMap"/>: replaces everything held.</summary>
    public const string Map = "map";

    /// <summary>A <see cref="MapChange"/>.</summary>
    public const string Change = "change";

    /// <summary>A <see cref="FeedPing"/>; has no id.</summary>
    public const string Ping = "ping";
}
