using CsCheck;
using Elysium.Contracts;

namespace Elysium.Tests.Client;

/// <summary>
/// A network as the backend keeps it: what its peers are at every version, and the changes that it would tell a machine that holds
/// an earlier one. Few names and few peers, so that names pass from one peer to another within a change.
/// </summary>
internal sealed class NetworkHistory
{
    private static readonly Guid NetworkId = new("0197a000-0000-7000-8000-000000000001");
    private static readonly Guid SelfId = new("0197a000-0000-7000-8000-00000000000f");

    private readonly List<(Guid Touched, IReadOnlyDictionary<Guid, MapPeer> Peers)> _versions = [(default, new Dictionary<Guid, MapPeer>())];

    public static readonly Gen<NetworkHistory> Any = Gen.Select(Gen.Int[0, 5], Gen.Int[1, 9]).Array[0, 30].Select(steps =>
    {
        var history = new NetworkHistory();
        foreach (var (name, what) in steps)
        {
            history.Step($"peer-{name}", what);
        }

        return history;
    });

    public long Version => _versions.Count - 1;

    public static MapPeer Peer(int number) => new(IdOf(number), $"peer-{number:000}", $"10.77.0.{number}", $"key-{number}", []);

    /// <summary>A map of peers 1 to <paramref name="peers"/>.</summary>
    public static NetworkMap MapOf(long version, int peers) => MapOf(version, Enumerable.Range(1, peers).Select(Peer));

    public static NetworkMap MapOf(long version, IEnumerable<MapPeer> peers) => new(
        version,
        new MapNetwork(NetworkId, "office", "10.77.0.0/24", 1420),
        new MapSelf(SelfId, "self", "10.77.0.250", "self-key", Ephemeral: false),
        [new MapHub("hub-key", "hub.example.com:51820", "10.77.0.1", ["10.77.0.0/24"], 25)],
        ["https://elysium.example.com:8080"],
        [.. peers.OrderBy(p => p.Name, StringComparer.Ordinal)]);

    public NetworkMap At(long version) => MapOf(version, _versions[(int)version].Peers.Values);

    /// <summary>What the backend tells at version <paramref name="now"/>: every peer touched since, as it is, or that it is gone.</summary>
    public MapChange Since(long held, long now)
    {
        var touched = _versions.Skip((int)held + 1).Take((int)(now - held)).Select(v => v.Touched).Distinct().ToList();
        var present = _versions[(int)now].Peers;
        return new MapChange(now, [.. touched.Where(present.ContainsKey).Select(id => present[id])], [.. touched.Where(id => !present.ContainsKey(id))]);
    }

    public override string ToString() => string.Join(" | ", _versions.Select(v => string.Join(' ', v.Peers.Values.Select(p => $"{p.Name}={p.WireGuardPublicKey}"))));

    // Adds the name, alters who has it, or removes it; a removed name comes back as another peer.
    private void Step(string name, int what)
    {
        var peers = new Dictionary<Guid, MapPeer>(_versions[^1].Peers);
        var number = _versions.Count;
        var holder = peers.Values.SingleOrDefault(p => p.Name == name);
        var touched = holder?.Id ?? IdOf(number);
        if (holder is not null && what > 5)
        {
            peers.Remove(touched);
        }
        else
        {
            peers[touched] = new MapPeer(touched, name, $"10.77.0.{number}", $"key-{number}", what % 2 == 0 ? ["kiosk"] : []);
        }

        _versions.Add((touched, peers));
    }

    private static Guid IdOf(int number) => new($"0197a000-0000-7000-8000-0000000{number:00000}");
}
