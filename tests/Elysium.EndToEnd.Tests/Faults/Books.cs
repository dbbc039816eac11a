using System.Text.Json;
using Elysium.Contracts;
using Elysium.Lab;
using Elysium.Lab.Product;

namespace Elysium.EndToEnd.Tests.Faults;

/// <summary>What must hold after any fault: what machines were told is what the backend has, once each, and everybody knows it.</summary>
internal static class Books
{
    /// <summary>No lost or doubled peer or address, and no use of the token that is nobody's.</summary>
    public static async Task BalanceAsync(this BackendHost backend, NetworkResponse network, Newcomers newcomers, string joinCode, int others)
    {
        newcomers.Refused.ShouldBeEmpty();
        var peers = await backend.PeersAsync(network.Name);
        peers.Select(static peer => peer.Address).Distinct().Count().ShouldBe(peers.Count);
        peers.Count.ShouldBe(newcomers.Joined.Count + others);
        var known = peers.ToDictionary(static peer => peer.Name, static peer => (peer.Id, peer.Address));
        foreach (var (name, self) in newcomers.Joined)
        {
            known[name].ShouldBe((self.Id, self.Address));
        }

        JoinCode.TryParse(joinCode, out var code, out _).ShouldBeTrue();
        var tokens = (await backend.AdminAsync(["token", "list", "--json"])).Json().GetProperty("items");
        var token = tokens.EnumerateArray().Single(t => t.GetProperty("prefix").GetString() == code!.TokenPrefix);
        token.GetProperty("used").GetInt32().ShouldBe(newcomers.Joined.Count);
    }

    /// <summary>In the tables: a change for each version, none left out, and no address both held and given back.</summary>
    public static async Task HaveNoGapAsync(this Installation installation, NetworkResponse network)
    {
        var found = await installation.Database!.ExecuteAsync(
            $"""
            SELECT n.version - 1 - count(c.version), n.version - coalesce(max(c.version), 1),
                   (SELECT count(*) FROM released_addresses r JOIN peers p ON p.network_id = r.network_id AND p.address = r.address)
            FROM networks n LEFT JOIN map_changes c ON c.network_id = n.id WHERE n.name = '{network.Name}' GROUP BY n.version
            """,
            BackendDatabase.Name);
        found.ShouldBe("0|0|0");
    }

    /// <summary>Every machine's map is the backend's: the version, and how many there are besides itself.</summary>
    public static async Task ConvergeAsync(this BackendHost backend, NetworkResponse network, IEnumerable<MachineHost> machines)
    {
        var wanted = (await backend.AdminAsync(["network", "show", network.Name, "--json"])).Json();
        var (version, peers) = (wanted.GetProperty("version").GetInt64(), wanted.GetProperty("peers").GetInt32());
        foreach (var machine in machines)
        {
            await Eventually.HoldsAsync($"{machine.Host.Name} has version {version} with {peers - 1} others", Expect.Soon, async () => Map(await machine.StatusOfAsync(network)) == (version, peers - 1));
        }
    }

    /// <summary>The hub's device has exactly the peers of the network.</summary>
    public static async Task StandOnTheHubAsync(this BackendHost backend, NetworkResponse network)
    {
        var peers = (await backend.PeersAsync(network.Name)).Select(static peer => peer.WireGuardPublicKey).ToHashSet();
        await Eventually.HoldsAsync("the hub has these peers and no other", Expect.Soon, async () => peers.SetEquals(await backend.Host.PeersOfAsync(network.Interface)));
    }

    private static (long, int)? Map(JsonElement? status) =>
        status is { } found && found.GetProperty("mapVersion").ValueKind == JsonValueKind.Number
            ? (found.GetProperty("mapVersion").GetInt64(), found.GetProperty("peers").GetInt32())
            : null;
}
