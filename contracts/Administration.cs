namespace Elysium.Contracts;

/// <summary><c>POST /v1/networks</c>. What is null is chosen by the backend.</summary>
/// <param name="Name">A DNS label, unique in the installation.</param>
/// <param name="Prefix">Private IPv4 prefix from /8 to /30; null: the first free <c>10.x.0.0/16</c>.</param>
/// <param name="ListenPort">UDP port of the hub; null: the first free one from 51820.</param>
/// <param name="Mtu">Bytes, 1280 to 9000; null: 1420.</param>
/// <param name="Prefix6">IPv6 prefix beside the IPv4 one: of fc00::/7, /48 to /64; <see cref="AutomaticPrefix"/>: a random fdxx:xxxx:xxxx::/64
/// (RFC 4193 §3.2); null: the network is IPv4 only.</param>
public sealed record CreateNetworkRequest(string Name, string? Prefix = null, int? ListenPort = null, int? Mtu = null, string? Prefix6 = null)
{
    /// <summary>What <see cref="Prefix6"/> says to have one chosen.</summary>
    public const string AutomaticPrefix = "auto";
}

/// <summary>A network, as an operator sees it.</summary>
/// <param name="Id">Its id; never used again.</param>
/// <param name="Name">Its name.</param>
/// <param name="Prefix">IPv4 prefix.</param>
/// <param name="Interface">The hub's interface: <c>wg0</c>, <c>wg1</c>, …</param>
/// <param name="HubAddress">The hub's address in the network.</param>
/// <param name="HubPublicKey">The hub's WireGuard key, base64.</param>
/// <param name="Endpoint">Where peers reach the hub: the first of <paramref name="Endpoints"/>.</param>
/// <param name="ListenPort">UDP port of the hub.</param>
/// <param name="Mtu">Bytes.</param>
/// <param name="Peers">How many peers it has.</param>
/// <param name="Capacity">How many peers it can have.</param>
/// <param name="Version">Counts its changes.</param>
/// <param name="HubProblem">Why the hub's interface is not as it should be; null: it is.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Prefix6">IPv6 prefix; null: the network is IPv4 only.</param>
/// <param name="HubAddress6">The hub's IPv6 address in the network; null: the network is IPv4 only.</param>
/// <param name="Endpoints">Everywhere that peers reach the hub, best first; null: an older backend, which knows only <paramref name="Endpoint"/>.</param>
public sealed record NetworkResponse(
    Guid Id,
    string Name,
    string Prefix,
    string Interface,
    string HubAddress,
    string HubPublicKey,
    string Endpoint,
    int ListenPort,
    int Mtu,
    int Peers,
    long Capacity,
    long Version,
    string? HubProblem,
    DateTimeOffset CreatedAt,
    string? Prefix6 = null,
    string? HubAddress6 = null,
    IReadOnlyList<string>? Endpoints = null);

/// <summary>A peer, as an operator sees it: <c>GET /v1/networks/{name}/peers</c>.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Address">Its IPv4 address.</param>
/// <param name="WireGuardPublicKey">Base64.</param>
/// <param name="Status"><c>active</c>.</param>
/// <param name="Ephemeral">Whether it is marked as ephemeral; nothing removes such peers by itself yet.</param>
/// <param name="Tags">What the operator calls it.</param>
/// <param name="Connected">Whether its agent holds an event stream to this backend.</param>
/// <param name="LastSeenAt">Its agent's last authenticated heartbeat or stream.</param>
/// <param name="LastHandshakeAt">Its last WireGuard handshake with the hub.</param>
/// <param name="Endpoint">Where the hub sees it: <c>192.0.2.1:51820</c> or <c>[2001:db8::1]:51820</c>.</param>
/// <param name="ReceivedBytes">What the hub received from it since the interface was made.</param>
/// <param name="SentBytes">What the hub sent to it since the interface was made.</param>
/// <param name="CertificateExpiresAt">When its newest certificate ends.</param>
/// <param name="CreatedAt">When it joined.</param>
/// <param name="Address6">Its IPv6 address; null: the network is IPv4 only.</param>
public sealed record PeerResponse(
    Guid Id,
    string Name,
    string Address,
    string WireGuardPublicKey,
    string Status,
    bool Ephemeral,
    IReadOnlyList<string> Tags,
    bool Connected,
    DateTimeOffset? LastSeenAt,
    DateTimeOffset? LastHandshakeAt,
    string? Endpoint,
    long ReceivedBytes,
    long SentBytes,
    DateTimeOffset? CertificateExpiresAt,
    DateTimeOffset CreatedAt,
    string? Address6 = null);

/// <summary><c>POST /v1/enrollment-tokens</c>.</summary>
/// <param name="Network">The name of the network that it joins.</param>
/// <param name="Uses">How many machines may join with it, 1 to 1,000,000; null: 1.</param>
/// <param name="ExpiresInSeconds">60 to 31,536,000 (a year); null: 86,400 (a day).</param>
/// <param name="Ephemeral">Whether machines that join with it are ephemeral.</param>
/// <param name="Tags">Tags of the machines that join with it: DNS labels, at most 16.</param>
public sealed record CreateEnrollmentTokenRequest(
    string Network,
    int? Uses = null,
    long? ExpiresInSeconds = null,
    bool Ephemeral = false,
    IReadOnlyList<string>? Tags = null);

/// <summary>An enrollment token, without its secret.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Prefix">Short public name: the first 8 hex digits of the SHA-256 of its secret.</param>
/// <param name="Network">The network's name.</param>
/// <param name="Uses">How many machines may join with it.</param>
/// <param name="Used">How many have.</param>
/// <param name="Ephemeral">Whether machines that join with it are ephemeral.</param>
/// <param name="Tags">Tags of the machines that join with it.</param>
/// <param name="Status"><c>active</c>, <c>used_up</c>, <c>expired</c> or <c>revoked</c>.</param>
/// <param name="ExpiresAt">When its time is over.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record EnrollmentTokenResponse(
    Guid Id,
    string Prefix,
    string Network,
    int Uses,
    int Used,
    bool Ephemeral,
    IReadOnlyList<string> Tags,
    string Status,
    DateTimeOffset ExpiresAt,
    DateTimeOffset CreatedAt);

/// <summary>A token just made: the only time that its join code is told.</summary>
/// <param name="JoinCode"><c>ely1_…</c></param>
/// <param name="Token">The token.</param>
public sealed record EnrollmentTokenCreated(string JoinCode, EnrollmentTokenResponse Token);

/// <summary>A listing. Later versions may add a cursor.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="Items">All of them.</param>
public sealed record Listing<T>(IReadOnlyList<T> Items);

/// <summary><c>GET /healthz</c> and <c>GET /readyz</c>.</summary>
/// <param name="Status"><c>ok</c> or <c>degraded</c>.</param>
/// <param name="Version">The backend's version.</param>
/// <param name="Problems">What is missing, such as <c>hub: wg0: …</c>.</param>
public sealed record HealthResponse(string Status, string Version, IReadOnlyList<string> Problems);
