using Elysium.WireGuard;

namespace Elysium.Linux.Tests;

/// <summary>Peers that come and go while nobody looks at the rest.</summary>
public sealed class ChangePeersTests : IDisposable
{
    private readonly Sandbox _sandbox = new();
    private readonly TunnelEnd _end;
    private readonly InterfaceSpec _first;

    public ChangePeersTests()
    {
        _end = new TunnelEnd(_sandbox, _sandbox.Pair().Left, "10.77.0.1");
        _first = _end.Spec(Peer(1, "10.77.0.11/32"), Peer(2, "10.77.0.12/32"));
        try
        {
            _end.Reconcile(_first).Changed.ShouldBeTrue();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _end.Dispose();
        _sandbox.Dispose();
    }

    [Fact]
    public void Afterwards_a_look_finds_nothing_to_do()
    {
        var third = Peer(3, "10.77.0.13/32", "fd00::13/128") with { PersistentKeepalive = 25, PresharedKey = PresharedKey.Generate() };
        var second = With(Peer(2, "10.77.0.12/32"), third);

        _end.ChangePeers(_first, second, [third], [Key(1)]).ShouldNotBeNull().ShouldBe([$"peer {Key(3)} added", $"peer {Key(1)} removed"]);

        _end.Read()!.Peers.Select(p => p.PublicKey).ShouldBe([Key(2), Key(3)], ignoreOrder: true);
        _end.Reconcile(second).Changes.ShouldBeEmpty();
    }

    [Fact]
    public void An_address_of_one_that_goes_is_the_new_ones_and_a_key_that_comes_back_has_its_new_address()
    {
        var second = With(Peer(3, "10.77.0.11/32"), Peer(2, "10.77.0.19/32"));

        _end.ChangePeers(_first, second, [Peer(3, "10.77.0.11/32"), Peer(2, "10.77.0.19/32")], [Key(1), Key(2)]).ShouldNotBeNull();

        _end.Reconcile(second).Changes.ShouldBeEmpty();
    }

    [Fact]
    public void Steps_follow_each_other_without_a_look_and_one_that_goes_twice_does_no_harm()
    {
        var second = With(Peer(1, "10.77.0.11/32"));
        var third = With();

        _end.ChangePeers(_first, second, [], [Key(2)]).ShouldNotBeNull();
        _end.ChangePeers(second, third, [], [Key(1), Key(2)]).ShouldNotBeNull();

        _end.Read()!.Peers.ShouldBeEmpty();
        _end.Reconcile(third).Changes.ShouldBeEmpty();
    }

    [Fact]
    public void What_does_not_follow_from_what_was_asked_last_is_left_to_a_look()
    {
        var second = With(Peer(1, "10.77.0.11/32"));

        _end.ChangePeers(With(Peer(1, "10.77.0.11/32"), Peer(2, "10.77.0.12/32")), second, [], [Key(2)]).ShouldBeNull();
        _end.ChangePeers(_first, second, [new PeerSpec(_end.Key.PublicKey, [])], [Key(2)]).ShouldBeNull();
        _end.ChangePeers(_first, second, [new PeerSpec(DeviceUpdate.ScratchPeer, [])], [Key(2)]).ShouldBeNull();

        _end.Read()!.Peers.Count.ShouldBe(2);
        _end.Reconcile(second).Changes.ShouldBe([$"peer {Key(2)} removed"]);
    }

    [Fact]
    public void A_link_that_went_is_left_to_a_look_which_makes_all_of_it()
    {
        var second = With(Peer(2, "10.77.0.12/32"), Peer(3, "10.77.0.13/32"));
        _end.Run("ip", "link", "delete", "wg0");

        _end.ChangePeers(_first, second, [Peer(3, "10.77.0.13/32")], [Key(1)]).ShouldBeNull();

        _end.Reconcile(second).Device.Name.ShouldBe("wg0");
        _end.Read()!.Peers.Select(p => p.PublicKey).ShouldBe([Key(2), Key(3)], ignoreOrder: true);
    }

    [Fact]
    public void What_somebody_changed_by_hand_meanwhile_heals_at_the_next_look()
    {
        var second = With(Peer(1, "10.77.0.11/32"), Peer(2, "10.77.0.12/32"), Peer(3, "10.77.0.13/32"));
        _end.Run("wg", "set", "wg0", "peer", Key(1).ToString(), "remove");

        _end.ChangePeers(_first, second, [Peer(3, "10.77.0.13/32")], []).ShouldNotBeNull();

        _end.Reconcile(second).Changes.ShouldBe([$"peer {Key(1)} added"]);
    }

    private static PublicKey Key(byte number) => new([number, .. new byte[30], 1]);

    private static PeerSpec Peer(byte number, params string[] prefixes) => new(Key(number), [.. prefixes.Select(p => IpPrefix.Parse(p))]);

    private InterfaceSpec With(params PeerSpec[] peers) => _first with { Device = _first.Device with { Peers = peers } };
}
