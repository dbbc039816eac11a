using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Elysium.Client.Agent;
using Elysium.Client.Backend;
using Elysium.Client.State;

namespace Elysium.Client.Status;

/// <summary>How a network stands with this machine.</summary>
[JsonConverter(typeof(StandingJson))]
internal enum Standing
{
    /// <summary>The agent holds a living stream.</summary>
    Connected,

    /// <summary>The agent runs and has no living stream: what it knows may be old.</summary>
    Stale,

    /// <summary>No agent runs; the interface may still be up.</summary>
    AgentStopped,

    /// <summary>The backend ended this machine's membership.</summary>
    Revoked,
}

/// <summary><c>connected</c>, <c>stale</c>, <c>agentStopped</c>, <c>revoked</c>.</summary>
internal sealed class StandingJson() : JsonStringEnumConverter<Standing>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

/// <summary>What <c>elysium status</c> tells of one network. Every field says what is, not what should be.</summary>
/// <param name="Network">Its name.</param>
/// <param name="NetworkId">Its id.</param>
/// <param name="Name">This machine's name in it.</param>
/// <param name="Address">This machine's IPv4 address in it.</param>
/// <param name="Address6">This machine's IPv6 address in it; null: the network is IPv4 only.</param>
/// <param name="Interface">The interface for it.</param>
/// <param name="Standing">How it stands.</param>
/// <param name="StaleSince">Since when nothing new was heard; null: connected, or nothing was ever heard.</param>
/// <param name="BackendStaleSince">Since when the backend itself knows nothing new.</param>
/// <param name="Problem">Why there is no connection.</param>
/// <param name="InterfaceProblem">Why the interface is not as it should be.</param>
/// <param name="MapVersion">Version of the map held; null: none that is whole.</param>
/// <param name="MapReceivedAt">When it came.</param>
/// <param name="Peers">How many other machines it shows; null: no whole map has come yet.</param>
/// <param name="Engine">What runs the interface, <c>kernel</c> or <c>userspace</c>; null: nothing does, or we may not look.</param>
/// <param name="Hub">The hub, as the interface sees it.</param>
/// <param name="CertificateExpiresAt">When this machine's certificate ends; null: it cannot be read.</param>
internal sealed record NetworkStatus(
    string Network,
    Guid NetworkId,
    string? Name,
    string? Address,
    string? Address6,
    string Interface,
    Standing Standing,
    DateTimeOffset? StaleSince,
    DateTimeOffset? BackendStaleSince,
    string? Problem,
    string? InterfaceProblem,
    long? MapVersion,
    DateTimeOffset? MapReceivedAt,
    int? Peers,
    string? Engine,
    HubStatus? Hub,
    DateTimeOffset? CertificateExpiresAt)
{
    // A ping is written every 15 s; a status that is older than the silence the agent itself allows tells of an agent that hangs.
    private static readonly TimeSpan LongestSilence = Session.LongestSilence;

    public static NetworkStatus Of(NetworkState state, Device? device, bool isKernel, string? deviceProblem, DateTimeOffset now)
    {
        var record = state.Record;
        var revocation = state.ReadRevocation();
        var cached = state.ReadMap();
        var map = cached?.Map;

        // What joining gave has the hub, and no other machine: that says nothing about how many there are.
        var isWhole = map is { Version: > 0 };
        var agent = state.IsServed ? state.ReadStatus() : null;
        var isConnected = agent is { Connected: true, LastItemAt: { } heard } && now - heard <= LongestSilence;
        var standing = (revocation, agent) switch
        {
            ({ }, _) => Standing.Revoked,
            (_, null) => Standing.AgentStopped,
            _ => isConnected ? Standing.Connected : Standing.Stale,
        };
        return new NetworkStatus(
            map?.Network.Name ?? record.Name,
            record.Id,
            map?.Self.Name,
            map?.Self.Address,
            map?.Self.Address6,
            record.Interface,
            standing,
            isConnected ? null : agent?.LastItemAt ?? state.ReadStatus()?.LastItemAt ?? cached?.ReceivedAt,
            isConnected ? agent?.BackendStaleSince : null,
            revocation?.Reason ?? agent?.Problem,
            agent?.InterfaceProblem ?? deviceProblem,
            isWhole ? map!.Version : null,
            isWhole ? cached!.ReceivedAt : null,
            isWhole ? map!.Peers.Count : null,
            device is null ? null : isKernel ? "kernel" : "userspace",
            map is { Hubs: [var hub, ..] } ? HubStatus.Of(hub, device) : null,
            ExpiryOf(state));
    }

    // One network's damaged file is no reason to say nothing of the others.
    private static DateTimeOffset? ExpiryOf(NetworkState state)
    {
        try
        {
            return ClientIdentity.ExpiryOf(state.ReadCertificate());
        }
        catch (Exception e) when (e is InvalidDataException or CryptographicException)
        {
            return null;
        }
    }
}

/// <summary>The hub, as this machine's interface sees it.</summary>
/// <param name="Address">The hub's IPv4 address in the network.</param>
/// <param name="Address6">The hub's IPv6 address in the network; null: the network is IPv4 only.</param>
/// <param name="Endpoint">Where packets for it go: the interface's word, or the map's when there is no interface.</param>
/// <param name="LastHandshakeAt">When the last WireGuard session began.</param>
/// <param name="ReceivedBytes">Received from it.</param>
/// <param name="SentBytes">Sent to it.</param>
internal sealed record HubStatus(string Address, string? Address6, string Endpoint, DateTimeOffset? LastHandshakeAt, long ReceivedBytes, long SentBytes)
{
    public static HubStatus Of(MapHub hub, Device? device)
    {
        var peer = device?.Peers.FirstOrDefault(p => p.PublicKey.ToString() == hub.WireGuardPublicKey);
        return new HubStatus(
            hub.Address,
            hub.Address6,
            peer?.Endpoint?.ToString() ?? hub.Endpoint,
            peer?.LastHandshake,
            peer?.ReceivedBytes ?? 0,
            peer?.SentBytes ?? 0);
    }
}
