using CsCheck;
using Elysium.Client.Join;
using Elysium.Contracts;

namespace Elysium.Tests.Client.Join;

public sealed class JoinNamesTests
{
    [Theory]
    [InlineData("web-1", "web-1")]
    [InlineData("WEB-1.corp.example.com", "web-1")]
    [InlineData("my_laptop", "my-laptop")]
    [InlineData("Anna's Mac", "anna-s-mac")]
    [InlineData("-edge-", "edge")]
    [InlineData("localhost", "localhost")]
    [InlineData("é", null)]
    [InlineData("...", null)]
    [InlineData("", null)]
    [InlineData("---", null)]
    public void A_machine_takes_its_host_name_s_first_label(string hostName, string? expected) => MachineName.From(hostName).ShouldBe(expected);

    [Fact]
    public void Whatever_a_host_is_called_its_name_is_a_label_or_none() => Gen.String.Sample(hostName =>
        (MachineName.From(hostName) is not { } name || DnsLabel.IsValid(name)).ShouldBeTrue());

    [Fact]
    public void A_long_host_name_is_cut_and_does_not_end_with_a_hyphen() =>
        MachineName.From(new string('a', 62) + "-b").ShouldBe(new string('a', 62));

    [Theory]
    [InlineData("wg0", "")]
    [InlineData("wg0", "wg1 eth0")]
    [InlineData("wg2", "wg0 wg1 wg3")]
    public void The_next_interface_is_the_first_that_nothing_has(string expected, string taken) =>
        InterfaceName.NextFree(taken.Split(' ').ToHashSet()).ShouldBe(expected);

    [Theory]
    [InlineData("wg0", true)]
    [InlineData("a23456789012345", true)]
    [InlineData("a234567890123456", false)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    [InlineData("all", false)]
    [InlineData("default", false)]
    public void An_interface_has_a_name_that_Linux_takes(string name, bool isValid) => InterfaceName.IsValid(name).ShouldBe(isValid);
}
