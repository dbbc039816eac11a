using System.Net;
using Elysium.Client.Agent;
using Elysium.WireGuard;

namespace Elysium.Tests.Client.Agent;

public sealed class HubPathTests
{
    private const int Initiation = 148;
    private const int Answer = 92;
    private const int Keepalive = 32;
    private const int Data = 128;

    private static readonly PublicKey Key = PrivateKey.Generate().PublicKey;
    private static readonly IPEndPoint V6 = IPEndPoint.Parse("[2001:db8::1]:51820");
    private static readonly IPEndPoint V4 = IPEndPoint.Parse("192.0.2.1:51820");
    private static readonly IPEndPoint Elsewhere = IPEndPoint.Parse("198.51.100.7:40000");

    private readonly HubPath _path = new();
    private IPEndPoint[] _candidates = [V6, V4];
    private IPEndPoint[] _routes = [V6, V4];
    private IPEndPoint? _device;
    private TimeSpan _now;
    private long _received;
    private long _sent;

    [Fact]
    public void The_first_that_there_is_a_route_to_is_taken()
    {
        Step().ShouldBe(V6);
        new HubPath().Choose([V6, V4], e => e.Equals(V4), null, default).ShouldBe(V4);
        new HubPath().Choose([V6, V4], _ => false, null, default).ShouldBe(V6);
        new HubPath().Choose([], _ => true, null, default).ShouldBeNull();
    }

    [Fact]
    public void One_that_never_answers_makes_room_within_fifteen_seconds_and_round_about()
    {
        var tried = new List<IPEndPoint?>();
        for (var i = 0; i < 12; i++)
        {
            tried.Add(Step(sent: Initiation));
        }

        tried.Distinct().ShouldBe([V6, V4]);
        tried.IndexOf(V4).ShouldBeLessThanOrEqualTo(3);
        tried.LastIndexOf(V6).ShouldBeGreaterThan(tried.IndexOf(V4));
    }

    [Fact]
    public void When_none_answers_the_turns_grow_longer_but_never_longer_than_a_minute()
    {
        var changes = new List<TimeSpan>();
        var last = Step();
        for (var i = 0; i < 500; i++)
        {
            var next = Step(sent: Initiation);
            if (!Equals(next, last))
            {
                changes.Add(_now);
                last = next;
            }
        }

        var turns = changes.Zip(changes.Skip(1), (a, b) => b - a).ToList();
        turns[0].ShouldBeLessThanOrEqualTo(HubPath.FirstPatience * 2);
        turns.Max().ShouldBe(turns[^1]);
        turns[^1].ShouldBeInRange(HubPath.LongestPatience, HubPath.LongestPatience + TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void One_that_answered_and_falls_silent_makes_room_after_wireguards_own_patience()
    {
        Step(sent: Initiation, received: Answer);
        Step(sent: Data, received: Data);
        var silentSince = _now;
        while (Step(sent: Data)!.Equals(V6))
        {
            (_now - silentSince).ShouldBeLessThan(TimeSpan.FromSeconds(60));
        }

        (_now - silentSince).ShouldBeInRange(HubPath.Silence, HubPath.Silence + TimeSpan.FromSeconds(5));
        Step(sent: Initiation, received: Answer).ShouldBe(V4);
        for (var i = 0; i < 100; i++)
        {
            Step(sent: Data, received: Data).ShouldBe(V4, "what answers is kept, though it is not the first");
        }
    }

    [Fact]
    public void An_idle_tunnel_that_only_says_it_is_alive_is_not_silent()
    {
        Step(sent: Initiation, received: Answer);
        Step(received: Keepalive);
        for (var i = 1; i <= 27; i++)
        {
            // A keepalive every 25 s goes unanswered for the life of a session, two minutes and more.
            Step(sent: i % 5 == 0 ? Keepalive : 0).ShouldBe(V6);
        }
    }

    [Fact]
    public void A_hub_that_was_long_not_heard_is_asked_for_a_sign_once_and_its_answer_ends_that()
    {
        Step(sent: Initiation, received: Answer);
        Step(received: Keepalive);
        for (var i = 0; i < 5; i++)
        {
            Step();
            _path.IsIdle(_now).ShouldBeFalse();
        }

        Step();
        _path.IsIdle(_now).ShouldBeTrue();
        Step(sent: 2 * Keepalive + Data);
        _path.IsIdle(_now).ShouldBeFalse("it was asked");
        Step(received: Keepalive).ShouldBe(V6);
        _path.IsIdle(_now).ShouldBeFalse("it answered");
    }

    [Fact]
    public void One_way_data_is_answered_late_and_that_is_no_silence()
    {
        Step(sent: Initiation, received: Answer);
        for (var i = 0; i < 100; i++)
        {
            // An empty packet every ten seconds is all that WireGuard owes to a stream that nobody answers.
            Step(sent: 10 * Data, received: i % 2 == 1 ? Keepalive : 0).ShouldBe(V6);
        }
    }

    [Fact]
    public void A_route_that_goes_takes_its_endpoint_along_at_once_and_no_route_at_all_changes_nothing()
    {
        Step(sent: Initiation, received: Answer).ShouldBe(V6);
        Step(sent: Data, received: Data).ShouldBe(V6);

        _routes = [];
        Step().ShouldBe(V6);
        _routes = [V4];
        Step().ShouldBe(V4);
    }

    [Fact]
    public void A_device_that_outlived_its_agent_goes_on_as_it_is()
    {
        _device = V4;
        _received = _sent = 1000;
        Step(sent: Data, received: Data).ShouldBe(V4);
        Step(sent: Data, received: Data).ShouldBe(V4);
    }

    [Fact]
    public void A_hub_that_was_heard_from_elsewhere_is_left_there_while_it_answers_and_called_back_when_it_does_not()
    {
        _candidates = _routes = [V4];
        Step(sent: Initiation, received: Answer);
        _device = Elsewhere;
        for (var i = 0; i < 10; i++)
        {
            Step(sent: Data, received: Data).ShouldBe(V4);
        }

        var asked = Enumerable.Range(0, 6).Select(_ => Step(sent: Data)).ToList();

        // An endpoint that is asked for as before moves nobody: so it is not asked for once, and then it is.
        asked.ShouldContain((IPEndPoint?)null);
        asked[asked.IndexOf(null) + 1].ShouldBe(V4);
    }

    [Fact]
    public void An_endpoint_that_the_hub_has_no_more_is_left_and_an_unknown_one_changes_nothing()
    {
        Step(sent: Initiation, received: Answer).ShouldBe(V6);
        _candidates = [];
        Step(sent: Data, received: Data).ShouldBe(V6);
        _candidates = [Elsewhere, V4];
        _routes = [Elsewhere, V4];
        Step(sent: Data, received: Data).ShouldBe(Elsewhere);
    }

    [Fact]
    public void A_device_made_anew_counts_anew_and_was_not_silent()
    {
        Step(sent: Initiation, received: Answer);
        for (var i = 0; i < 10; i++)
        {
            Step(sent: Data, received: Data);
        }

        (_sent, _received) = (0, 0);
        Step(sent: Initiation, received: Answer).ShouldBe(V6);
        Step(sent: Data, received: Data).ShouldBe(V6);
    }

    // Five seconds go by, in which so much is sent and heard; then the agent looks.
    private IPEndPoint? Step(long sent = 0, long received = 0)
    {
        _now += TimeSpan.FromSeconds(5);
        _sent += sent;
        _received += received;
        return _path.Choose(_candidates, _routes.Contains, new Peer(Key, null, _device, 25, null, _received, _sent, []), _now);
    }
}
