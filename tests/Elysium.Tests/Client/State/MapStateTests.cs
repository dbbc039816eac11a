using System.Text.Json;
using CsCheck;
using Elysium.Client.State;
using Elysium.Contracts;

namespace Elysium.Tests.Client.State;

public sealed class MapStateTests
{
    [Fact]
    public void Any_split_of_a_history_into_changes_ends_at_the_same_map() =>
        Gen.Select(NetworkHistory.Any, Gen.Int[1, 7].Array[0, 30]).Sample((history, strides) =>
        {
            var map = history.At(0);
            foreach (var stride in strides.Append((int)history.Version + 1))
            {
                var next = Math.Min(map.Version + stride, history.Version);
                map = MapState.Apply(map, history.Since(map.Version, next));
                ShouldBe(map, history.At(next));
            }
        });

    [Fact]
    public void Changes_that_are_repeated_or_told_again_from_an_earlier_version_lead_to_the_same_map() =>
        Gen.Select(NetworkHistory.Any, Gen.Select(Gen.Int[0, 30], Gen.Int[0, 30]).Array[0, 30]).Sample((history, tellings) =>
        {
            var map = history.At(0);
            foreach (var (back, forth) in tellings.Append((0, int.MaxValue)))
            {
                var from = Math.Max(0, map.Version - back);
                var change = history.Since(from, Math.Min(history.Version, from + forth));
                var before = map.Version;
                map = MapState.Apply(map, change);
                map.Version.ShouldBe(Math.Max(before, change.Version));
                ShouldBe(map, history.At(map.Version));
            }

            map.Version.ShouldBe(history.Version);
        });

    [Fact]
    public void Applying_a_change_twice_is_applying_it_once() =>
        Gen.Select(NetworkHistory.Any, Gen.Int[0, 30]).Sample((history, start) =>
        {
            var held = Math.Min(start, history.Version);
            var change = history.Since(held, history.Version);
            var once = MapState.Apply(history.At(held), change);
            MapState.Apply(once, change).ShouldBeSameAs(once);
        });

    [Fact]
    public void An_older_change_takes_nothing_back()
    {
        var map = NetworkHistory.MapOf(7, 3);
        MapState.Apply(map, new MapChange(6, [], [.. map.Peers.Select(p => p.Id)])).ShouldBeSameAs(map);
        MapState.Apply(map, new MapChange(7, [], [.. map.Peers.Select(p => p.Id)])).ShouldBeSameAs(map);
    }

    [Fact]
    public void A_name_may_pass_from_a_removed_peer_to_a_new_one_and_between_two_peers()
    {
        var map = NetworkHistory.MapOf(1, 3);
        var heir = NetworkHistory.Peer(9) with { Name = map.Peers[0].Name };
        MapState.Apply(map, new MapChange(2, [heir], [map.Peers[0].Id])).Peers.ShouldBe([heir, map.Peers[1], map.Peers[2]]);

        MapPeer[] swapped = [map.Peers[0] with { Name = map.Peers[1].Name }, map.Peers[1] with { Name = map.Peers[0].Name }];
        MapState.Apply(map, new MapChange(2, swapped, [])).Peers.ShouldBe([swapped[1], swapped[0], map.Peers[2]]);
    }

    [Fact]
    public void A_machine_is_no_peer_of_itself()
    {
        var map = NetworkHistory.MapOf(1, 2);
        var self = new MapPeer(map.Self.Id, map.Self.Name, map.Self.Address, map.Self.WireGuardPublicKey, []);
        MapState.Apply(map, new MapChange(2, [self], [])).Peers.ShouldBe(map.Peers);
    }

    [Fact]
    public void What_a_change_does_not_name_stays_and_what_it_names_is_taken()
    {
        var map = NetworkHistory.MapOf(1, 2);
        var silent = MapState.Apply(map, new MapChange(2, [], []));
        silent.ShouldBe(map with { Version = 2, Peers = silent.Peers });

        var (network, hub) = (map.Network with { Mtu = 1280 }, map.Hubs[0] with { Endpoint = "192.0.2.1:51821" });
        var told = MapState.Apply(map, new MapChange(2, [], [], network, [hub]));
        told.Network.ShouldBe(network);
        told.Hubs.ShouldBe([hub]);
        told.Peers.ShouldBe(map.Peers);
        told.Self.ShouldBe(map.Self);
    }

    [Theory]
    [InlineData(9, 0, false)]
    [InlineData(10, 5, false)]
    [InlineData(10, 4, true)]
    [InlineData(10, 0, true)]
    [InlineData(11, 6, false)]
    [InlineData(11, 5, true)]
    [InlineData(250, 125, false)]
    [InlineData(250, 124, true)]
    public void A_whole_map_that_lacks_more_than_half_of_ten_or_more_peers_is_doubtful(int held, int left, bool isDoubtful) =>
        MapState.IsDoubtful(NetworkHistory.MapOf(1, held), NetworkHistory.MapOf(2, left)).ShouldBe(isDoubtful);

    [Fact]
    public void As_many_peers_are_doubtful_too_when_they_are_others()
    {
        var others = Enumerable.Range(100, 12).Select(NetworkHistory.Peer);
        MapState.IsDoubtful(NetworkHistory.MapOf(1, 12), NetworkHistory.MapOf(2, others)).ShouldBeTrue();
    }

    [Fact]
    public void A_map_that_only_grew_or_changed_is_never_doubtful() => NetworkHistory.Any.Sample(history =>
    {
        var map = history.At(history.Version);
        MapState.IsDoubtful(map, map).ShouldBeFalse();
        MapState.IsDoubtful(map, NetworkHistory.MapOf(99, map.Peers.Select(p => p with { WireGuardPublicKey = "other" }).Append(NetworkHistory.Peer(99)))).ShouldBeFalse();
    });

    private static void ShouldBe(NetworkMap map, NetworkMap expected) =>
        JsonSerializer.Serialize(map, ElysiumJson.Default.NetworkMap).ShouldBe(JsonSerializer.Serialize(expected, ElysiumJson.Default.NetworkMap));
}
