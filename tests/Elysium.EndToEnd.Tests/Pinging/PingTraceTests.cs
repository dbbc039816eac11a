using Elysium.Lab;
using Elysium.Lab.Pinging;

namespace Elysium.EndToEnd.Tests.Pinging;

/// <summary>Whether a lost ping would be seen at all.</summary>
public sealed class PingTraceTests
{
    [Fact]
    public void Every_answer_and_none_lost() => Trace(sent: 3, 1, 2, 3).Lost.ShouldBeEmpty();

    [Fact]
    public void One_in_the_middle_is_lost() => Trace(sent: 3, 1, 3).Lost.ShouldBe([2]);

    [Fact]
    public void The_last_one_was_still_on_its_way() => Trace(sent: 3, 1, 2).Lost.ShouldBeEmpty();

    [Fact]
    public void Two_at_the_end_are_lost() => Trace(sent: 3, 1).Lost.ShouldBe([2, 3]);

    [Fact]
    public void All_are_lost() => Trace(sent: 2).Lost.ShouldBe([1, 2]);

    [Fact]
    public void An_error_in_place_of_an_answer_is_none() =>
        PingTrace.Parse("From 10.0.0.1 icmp_seq=1 Destination Host Unreachable\n\n1 packets transmitted, 0 received\n").Answered.ShouldBeEmpty();

    [Fact]
    public void A_ping_that_did_not_end_is_refused() => Should.Throw<LabException>(() => PingTrace.Parse("64 bytes from 10.0.0.1: icmp_seq=1 ttl=64\n"));

    private static PingTrace Trace(int sent, params int[] answered) => PingTrace.Parse(
        string.Concat(answered.Select(static number => $"64 bytes from 10.0.0.1: icmp_seq={number} ttl=64 time=0.1 ms\n"))
        + $"\n--- 10.0.0.1 ping statistics ---\n{sent} packets transmitted, {answered.Length} received, 0% packet loss, time 1ms\n");
}
