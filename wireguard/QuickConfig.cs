using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Elysium.WireGuard;

/// <summary>
/// A file of <c>wg-quick</c> (wg-quick(8)), which is one of <c>wg setconf</c> (wg(8)) and more. The addresses, the MTU, the DNS servers, the
/// table and the commands are for whoever makes the interface; <see cref="ToDeviceSpec"/> is for WireGuard.
/// </summary>
public sealed record QuickConfig
{
    /// <summary>The device's key; null is none: a device without it does nothing.</summary>
    public PrivateKey? PrivateKey { get; init; }

    /// <summary>UDP port; 0 is any.</summary>
    public int ListenPort { get; init; }

    /// <summary>Mark on the packets that the device sends (<c>FwMark</c>); 0 is none.</summary>
    public uint FirewallMark { get; init; }

    /// <summary>Addresses of the interface; one without a length in the file has the longest.</summary>
    public IReadOnlyList<QuickAddress> Addresses { get; init; } = [];

    /// <summary>DNS servers (<c>DNS</c>).</summary>
    public IReadOnlyList<IPAddress> DnsServers { get; init; } = [];

    /// <summary>Domains that names are looked up in (<c>DNS</c> too: what is no address).</summary>
    public IReadOnlyList<string> SearchDomains { get; init; } = [];

    /// <summary>Bytes, 68 to 65535; null takes what fits the way to the peers.</summary>
    public int? Mtu { get; init; }

    /// <summary>Where routes to the peers' prefixes go.</summary>
    public QuickTable Table { get; init; }

    /// <summary>Commands of bash before the interface is up, in order. <c>%i</c> in them is the interface's name.</summary>
    public IReadOnlyList<string> PreUp { get; init; } = [];

    /// <summary>Commands of bash once the interface is up.</summary>
    public IReadOnlyList<string> PostUp { get; init; } = [];

    /// <summary>Commands of bash before the interface is taken down.</summary>
    public IReadOnlyList<string> PreDown { get; init; } = [];

    /// <summary>Commands of bash once the interface is gone.</summary>
    public IReadOnlyList<string> PostDown { get; init; } = [];

    /// <summary>Whether taking the interface down writes its state over the file.</summary>
    public bool SaveConfig { get; init; }

    /// <summary>The peers, each key once. Where two claim one prefix the later has it, as in WireGuard itself.</summary>
    public IReadOnlyList<QuickPeer> Peers { get; init; } = [];

    /// <summary>
    /// Reads a file as <c>wg-quick</c> and <c>wg</c> read it: sections and keys in any case, <c>#</c> begins a comment, a value that stands
    /// once is the last of several, lists add up, prefixes lose their host bits. Time and memory are linear in the text, and nothing of it
    /// makes this throw. Where it differs from them is in the guide <c>use-the-library.md</c>.
    /// </summary>
    /// <param name="text">The whole file; a byte order mark is passed over.</param>
    /// <param name="config">What it says.</param>
    /// <param name="error">What is wrong, for the first line that is.</param>
    public static bool TryParse(
        ReadOnlySpan<char> text,
        [NotNullWhen(true)] out QuickConfig? config,
        [NotNullWhen(false)] out TextError? error) => QuickReader.TryRead(text, out config, out error);

    /// <summary>
    /// What <c>wg showconf</c> tells of a device: all that <c>wg setconf</c> needs to make it again. An endpoint with port 0, which nothing can
    /// be sent to, is left out.
    /// </summary>
    public static QuickConfig FromDevice(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return new QuickConfig
        {
            PrivateKey = device.PrivateKey,
            ListenPort = device.ListenPort,
            FirewallMark = device.FirewallMark,
            Peers = [.. device.Peers.Select(peer => new QuickPeer(peer.PublicKey)
            {
                PresharedKey = peer.PresharedKey,
                AllowedIps = peer.AllowedIps,
                Endpoint = peer.Endpoint is { Port: 0 } ? null : peer.Endpoint,
                PersistentKeepalive = peer.PersistentKeepalive,
            })],
        };
    }

    /// <summary>
    /// What WireGuard needs to know. Names are for the caller to resolve: nothing here asks the network.
    /// </summary>
    /// <param name="resolve">The address of a name; null leaves the peer's endpoint alone. Not needed where no peer has a name.</param>
    /// <exception cref="InvalidOperationException">There is no private key, or a name and nothing to resolve it.</exception>
    public DeviceSpec ToDeviceSpec(Func<DnsEndPoint, IPEndPoint?>? resolve = null) => new(
        PrivateKey ?? throw new InvalidOperationException("A device needs a private key, and the configuration has none."),
        ListenPort,
        [.. Peers.Select(peer => new PeerSpec(peer.PublicKey, peer.AllowedIps, Address(peer, resolve), peer.PersistentKeepalive, peer.PresharedKey))],
        FirewallMark);

    /// <summary>
    /// Writes a file that <see cref="TryParse"/>, <c>wg-quick</c> and, without the fields that only <c>wg-quick</c> knows, <c>wg setconf</c>
    /// read: fields in the order in which <c>wg-quick save</c> and <c>wg showconf</c> write them, none that says nothing. It holds secrets.
    /// </summary>
    /// <exception cref="InvalidOperationException">Something cannot stand in a file: a command with a line break, a name that is none, a number
    /// out of range, a peer twice.</exception>
    public string Format() => QuickWriter.Write(this);

    private static IPEndPoint? Address(QuickPeer peer, Func<DnsEndPoint, IPEndPoint?>? resolve) => peer.Endpoint switch
    {
        null => null,
        IPEndPoint address => address,
        DnsEndPoint name when resolve is not null => resolve(name),
        var other => throw new InvalidOperationException($"The endpoint {other} of the peer {peer.PublicKey} is a name, and there is nothing to resolve it."),
    };
}
