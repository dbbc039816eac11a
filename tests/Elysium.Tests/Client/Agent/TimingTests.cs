using CsCheck;
using Elysium.Client.Agent;
using Elysium.Client.Backend;

namespace Elysium.Tests.Client.Agent;

public sealed class TimingTests
{
    private static readonly TimeSpan Floor = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Cap = TimeSpan.FromSeconds(60);

    [Fact]
    public void A_wait_is_never_below_the_floor_nor_above_the_cap_nor_above_its_turn_s_ceiling() =>
        Gen.Double[0, 0.999999].Array[1, 2000].Sample(
            numbers =>
            {
                var turn = 0;
                var backoff = new Backoff(() => numbers[turn], Floor, Cap);
                for (; turn < numbers.Length; turn++)
                {
                    var wait = backoff.Next();
                    wait.ShouldBeInRange(Floor, Cap);
                    wait.TotalSeconds.ShouldBeLessThanOrEqualTo(Math.Pow(2, turn + 1));
                }
            },
            iter: 30);

    [Fact]
    public void The_ceiling_doubles_up_to_the_cap_and_starts_anew_after_a_success()
    {
        var backoff = new Backoff(static () => 1, Floor, Cap);
        double[] Waits() => [.. Enumerable.Range(0, 8).Select(_ => backoff.Next().TotalSeconds)];
        double[] expected = [2, 4, 8, 16, 32, 60, 60, 60];
        Waits().ShouldBe(expected);
        backoff.Next().ShouldBe(Cap);
        backoff.Reset();
        Waits().ShouldBe(expected);
    }

    [Fact]
    public void Jitter_is_of_zero_to_below_one_and_spreads()
    {
        var numbers = Enumerable.Range(0, 1000).Select(_ => Jitter.Next()).ToList();
        numbers.ShouldAllBe(n => n >= 0 && n < 1);
        numbers.Count(n => n < 0.5).ShouldBeInRange(350, 650);
    }

    [Fact]
    public void A_certificate_is_renewed_between_two_thirds_of_its_life_and_a_twentieth_later() =>
        Gen.Select(Gen.Int[1, 1_000_000], Gen.Double[0, 0.999999]).Sample((minutes, jitter) =>
        {
            var start = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
            var life = TimeSpan.FromMinutes(minutes);
            var due = Renewal.DueAt(start, start + life, jitter) - start;
            (due / life).ShouldBeInRange((2.0 / 3) - 1e-9, (2.0 / 3) + 0.05 + 1e-9);
        });

    [Fact]
    public void A_certificate_that_came_while_the_clock_stood_in_the_future_is_renewed_at_its_end()
    {
        var end = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        Renewal.DueAt(end.AddYears(10), end, jitter: 0.5).ShouldBe(end);
    }

    [Fact]
    public void A_certificate_that_came_long_before_the_clock_was_set_is_renewed_soon()
    {
        var end = new DateTimeOffset(2030, 1, 8, 0, 0, 0, TimeSpan.Zero);
        Renewal.DueAt(DateTimeOffset.UnixEpoch, end, jitter: 0.5).ShouldBeLessThan(end.AddDays(-7));
    }

    [Theory]
    [InlineData("hub.example.com:51820", "hub.example.com", 51820)]
    [InlineData("192.0.2.1:1", "192.0.2.1", 1)]
    [InlineData("[2001:db8::1]:65535", "2001:db8::1", 65535)]
    public void An_endpoint_is_a_host_and_a_port(string endpoint, string host, int port)
    {
        EndpointResolver.TrySplit(endpoint, out var h, out var p).ShouldBeTrue();
        (h, (int)p).ShouldBe((host, port));
    }

    [Theory]
    [InlineData("")]
    [InlineData("hub")]
    [InlineData(":51820")]
    [InlineData("hub:")]
    [InlineData("hub:0")]
    [InlineData("hub:65536")]
    [InlineData("hub:+1")]
    [InlineData("hub: 1")]
    [InlineData("[]:1")]
    [InlineData("2001:db8::1:51820")]
    [InlineData("[2001:db8::1]")]
    public void What_is_no_endpoint_is_refused(string endpoint) => EndpointResolver.TrySplit(endpoint, out _, out _).ShouldBeFalse();
}
