using System.Buffers.Binary;
using Elysium.Linux;
using Elysium.Linux.Firewall;
using Elysium.Linux.Netlink;
using Elysium.WireGuard;

namespace Elysium.Tests.Linux.Firewall;

public sealed class FirewallRulesTests
{
    private static readonly FirewallSpec Spec = new(
    [
        new FirewallInterface(
            "wg0",
            [IpPrefix.Parse("10.77.0.0/22"), IpPrefix.Parse("fd00:77::/64")],
            [new FirewallForward(IpPrefix.Parse("192.0.2.128/25"), Masquerade: true)]),
    ]);

    [Fact]
    public void The_messages_are_those_that_nft_sends_for_the_same_table()
    {
        var table = FirewallRules.Of(Spec);
        byte[][] messages = [table.Table, .. table.Chains, .. table.Rules];
        messages.Length.ShouldBe(SentByNft.Messages.Count);
        foreach (var (ours, theirs) in messages.Zip(SentByNft.Messages))
        {
            BinaryPrimitives.ReadInt32LittleEndian(ours).ShouldBe(ours.Length);
            BinaryPrimitives.ReadUInt16LittleEndian(ours.AsSpan(4)).ShouldBe(theirs.Type);
            Convert.ToHexString(ours.AsSpan(Nl.HeaderLength)).ShouldBe(Convert.ToHexString(theirs.Payload));
        }
    }

    [Fact]
    public void A_batch_names_the_generation_it_is_for_and_asks_for_one_answer_at_its_end()
    {
        Convert.ToHexString(NftMessages.BeginBatch(stackalloc byte[64], 0x1234)).ShouldBe("1C00000010000000" + "0000000000000000" + "0000000A" + "0800010000001234");
        Convert.ToHexString(NftMessages.EndBatch(stackalloc byte[64])).ShouldBe("1400000011000000" + "0000000000000000" + "0000000A");
        using var batch = new MessageBuffer();
        batch.Append(NftMessages.BeginBatch(stackalloc byte[64], 1));
        batch.Append(NftMessages.DeleteTable(stackalloc byte[64], "elysium"));
        NftMessages.Acknowledge(batch.Messages);
        FlagsAt(batch.Messages, 0).ShouldBe(0);
        FlagsAt(batch.Messages, 28).ShouldBe(Nl.NLM_F_ACK);

        static int FlagsAt(Span<byte> messages, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(messages[(offset + 6)..]);
    }

    [Fact]
    public void Interfaces_without_ways_out_need_neither_connection_tracking_nor_nat()
    {
        var table = FirewallRules.Of(new FirewallSpec([Spec.Interfaces[0] with { Forwards = null }]));
        var all = string.Concat(table.Chains.Concat(table.Rules).Select(message => System.Text.Encoding.Latin1.GetString(message)));
        all.ShouldNotContain("ct\0");
        all.ShouldNotContain("nat");
        all.ShouldNotContain("masq");
        all.ShouldContain("counter\0", Case.Sensitive, "this test reads what it means to read");
    }

    [Fact]
    public void A_way_out_of_one_family_gives_the_other_none()
    {
        var table = FirewallRules.Of(new FirewallSpec([Spec.Interfaces[0] with { Forwards = [new FirewallForward(IpPrefix.Parse("::/0"), true)] }]));
        var before = FirewallRules.Of(new FirewallSpec([Spec.Interfaces[0] with { Forwards = null }]));

        // Clamping and replies into it, a way out of it and into the machine, and the source's address.
        (table.Rules.Count - before.Rules.Count).ShouldBe(5);
    }

    [Theory]
    [InlineData(Errno.EPERM, FirewallFailure.NotPermitted, "root")]
    [InlineData(Errno.EACCES, FirewallFailure.NotPermitted, "CAP_NET_ADMIN")]
    [InlineData(Errno.EPROTONOSUPPORT, FirewallFailure.NotSupported, "modprobe")]
    [InlineData(Errno.EOPNOTSUPP, FirewallFailure.NotSupported, "nf_tables")]
    [InlineData(Errno.EAFNOSUPPORT, FirewallFailure.NotSupported, "CONFIG_NF_TABLES_INET")]
    [InlineData(Errno.ENOENT, FirewallFailure.NotSupported, "nft_masq")]
    [InlineData(Errno.EINVAL, FirewallFailure.NotSupported, "5.10")]
    [InlineData(Errno.ENOMEM, FirewallFailure.Refused, "ENOMEM")]
    public void A_refusal_says_what_to_do(int errno, FirewallFailure failure, string said)
    {
        var exception = FirewallException.Of(new NetlinkException("adding the table inet elysium", errno));
        exception.Failure.ShouldBe(failure);
        exception.Message.ShouldContain(said);
        exception.Message.ShouldContain("adding the table inet elysium");
    }
}
