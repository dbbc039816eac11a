using CsCheck;
using Elysium.Linux.Netlink;
using Elysium.Tests.WireGuard;
using Elysium.WireGuard;

namespace Elysium.Tests.Linux;

public sealed class WireGuardMessagesTests
{
    private const ushort Family = 0x20;

    // The least that has room for a device, a peer and a prefix.
    private const int Shortest = 320;

    [Fact]
    public void A_device_is_asked_for_as_wg_does() =>
        WireGuardMessages.Get(new byte[64], Family, "wg0")[Nl.HeaderLength..].ToArray().ShouldBe(WireGuardBytes.Get);

    [Fact]
    public void A_device_is_set_as_wg_does() =>
        Payloads(new DeviceUpdate(
            WireGuardBytes.Key,
            51820,
            0xca6c,
            [
                new(
                    WireGuardBytes.First,
                    PresharedKey: WireGuardBytes.PresharedKey,
                    Endpoint: WireGuardBytes.FirstEndpoint,
                    PersistentKeepalive: 25,
                    ReplaceAllowedIps: true,
                    AllowedIps: WireGuardBytes.FirstAllowedIps),
                new(WireGuardBytes.Second, Endpoint: WireGuardBytes.SecondEndpoint, ReplaceAllowedIps: true, AllowedIps: WireGuardBytes.SecondAllowedIps),
            ])).ShouldHaveSingleItem().ShouldBe(WireGuardBytes.Set);

    [Fact]
    public void Peers_are_changed_and_removed_as_wg_does() =>
        Payloads(Peers(
            new(WireGuardBytes.Second, Remove: true),
            new(WireGuardBytes.First, ReplaceAllowedIps: true, AllowedIps: [IpPrefix.Parse("10.77.0.9/32")]))).ShouldHaveSingleItem().ShouldBe(WireGuardBytes.Change);

    [Fact]
    public void A_prefix_that_goes_carries_the_flag_of_Linux_6_16()
    {
        var payload = Payloads(Peers(new PeerUpdate(WireGuardBytes.First, UpdateOnly: true, RemovedAllowedIps: [IpPrefix.Parse("10.77.0.9/32")]))).ShouldHaveSingleItem();
        Convert.ToHexStringLower(payload).ShouldEndWith("0600010002000000" + "080002000a4d0009" + "0500030020000000" + "0800040001000000");
    }

    [Fact]
    public void A_link_local_endpoint_keeps_its_link()
    {
        var payload = Payloads(Peers(new PeerUpdate(WireGuardBytes.First, Endpoint: new(System.Net.IPAddress.Parse("fe80::1%7"), 1)))).ShouldHaveSingleItem();
        Convert.ToHexStringLower(payload).ShouldEndWith("20000400" + "0a000001" + "00000000" + "fe800000000000000000000000000001" + "07000000");
    }

    [Fact]
    public void A_change_of_the_device_alone_names_no_peers() =>
        Convert.ToHexStringLower(Payloads(new DeviceUpdate(null, 51820, null, [])).ShouldHaveSingleItem()).ShouldBe("01010000" + "0800020077673000" + "060006006cca0000");

    [Fact]
    public void However_short_the_messages_are_they_say_the_same() =>
        Gen.Select(DeviceGen.Spec, DeviceGen.Actual, DeviceGen.Changes, Gen.Int[Shortest, 1000]).Sample((spec, actual, changes, longest) =>
        {
            var difference = DeviceDiff.Between(spec, actual, null);
            var update = new DeviceUpdate(difference?.PrivateKey, difference?.ListenPort, difference?.FirewallMark, [.. difference?.Peers ?? [], .. changes]);

            var payloads = Payloads(update, longest);
            payloads.ShouldAllBe(payload => payload.Length <= longest);
            SetReading.Of(payloads).ShouldBe(SetReading.Of(Payloads(update)));
        });

    [Fact]
    public void Thousands_of_prefixes_go_in_few_messages_and_replace_only_once()
    {
        var prefixes = Enumerable.Range(0, 10_000).Select(i => IpPrefix.Of(new System.Net.IPAddress([10, (byte)(i >> 16), (byte)(i >> 8), (byte)i]))).ToArray();
        var payloads = Payloads(Peers(new PeerUpdate(WireGuardBytes.First, ReplaceAllowedIps: true, AllowedIps: prefixes), new PeerUpdate(WireGuardBytes.Second)));

        payloads.Count.ShouldBe(5);
        var reading = SetReading.Of(payloads);
        reading.Peers.Count.ShouldBe(2);
        reading.Peers[0].Prefixes.ShouldBe(string.Join(' ', prefixes));
        reading.Peers.Select(peer => peer.Flags).ShouldBe([Wg.WGPEER_F_REPLACE_ALLOWEDIPS, 0u]);
    }

    private static DeviceUpdate Peers(params PeerUpdate[] peers) => new(null, null, null, peers);

    private static List<byte[]> Payloads(DeviceUpdate update, int longest = WireGuardMessages.Longest)
    {
        var messages = new WireGuardMessages(Family, "wg0", update, longest);
        var payloads = new List<byte[]>();
        using var buffer = new MessageBuffer();
        while (messages.Next(buffer))
        {
            payloads.Add(buffer.Messages[Nl.HeaderLength..].ToArray());
        }

        return payloads;
    }
}
