using System.Net;
using Elysium.Linux.Netlink;
using Elysium.WireGuard;

namespace Elysium.Linux.Tests;

public sealed class NetlinkSocketTests
{
    [Fact]
    public void A_refusal_names_the_attribute_and_what_it_should_be()
    {
        using var sandbox = new Sandbox();
        using var socket = sandbox.Namespace().Run(() => new NetlinkSocket(Nl.NETLINK_ROUTE));
        var writer = new MessageWriter(new byte[256], Rt.RTM_NEWLINK, 0);
        writer.Write(new LinkHeader(Rt.AF_UNSPEC, 0, 0, 1, 0, 0));
        var nameAt = writer.Length;
        writer.Attribute(Rt.IFLA_IFNAME, "a name of far too many bytes for a link");
        var message = writer.Finish().ToArray();
        var refusal = Should.Throw<NetlinkException>(() => socket.Execute(message, "renaming"));
        refusal.Errno.ShouldBe(Errno.ERANGE);
        refusal.AttributeOffset.ShouldBe(nameAt);
        refusal.AttributeType.ShouldBe(Rt.IFLA_IFNAME);
        refusal.Policy.ShouldNotBeNull().LongestLength.ShouldBe(15u);
        refusal.KernelMessage.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public void A_batch_is_one_datagram_and_its_refusal_says_which_request()
    {
        using var sandbox = new Sandbox();
        using var socket = sandbox.Namespace().Run(() => new NetlinkSocket(Nl.NETLINK_ROUTE));
        using var batch = new MessageBuffer();
        var prefix = IpPrefix.Parse("10.77.0.0/16");
        for (var i = 0; i < 6000; i++)
        {
            Add(batch, prefix.AddressAt(i));
        }

        batch.Length.ShouldBeGreaterThan(212_992, "more than the usual send buffer holds");
        socket.Execute(batch, "adding addresses");
        var listed = socket.Dump(AddressMessages.List(new byte[64]), AddressMessages.Decode, "listing");
        listed.Count.ShouldBe(6000);

        batch.Clear();
        Add(batch, IPAddress.Parse("10.99.0.1"));
        Add(batch, prefix.AddressAt(0));
        Add(batch, IPAddress.Parse("10.99.0.2"));
        var refusal = Should.Throw<NetlinkException>(() => socket.Execute(batch, "adding"));
        refusal.Errno.ShouldBe(Errno.EEXIST);
        refusal.RequestIndex.ShouldBe(1);

        // rtnetlink took the others; and what was answered after the refusal disturbs nobody.
        socket.Dump(AddressMessages.List(new byte[64]), AddressMessages.Decode, "listing").Count.ShouldBe(6002);

        batch.Clear();
        new MessageWriter(batch, Rt.RTM_GETLINK, 0).Finish();
        Should.Throw<ArgumentException>(() => socket.Execute(batch, "asking for nothing"));
    }

    [Fact]
    public void A_dump_that_nobody_reads_to_its_end_stops_no_other()
    {
        using var sandbox = new Sandbox();
        using var socket = sandbox.Namespace().Run(() => new NetlinkSocket(Nl.NETLINK_ROUTE));
        using var batch = new MessageBuffer();
        var prefix = IpPrefix.Parse("10.77.0.0/16");
        for (var i = 0; i < 3000; i++)
        {
            Add(batch, prefix.AddressAt(i));
        }

        socket.Execute(batch, "adding addresses");
        for (var round = 0; round < 3; round++)
        {
            var faulty = new Faulty();
            Should.Throw<NetlinkException>(() => socket.Dump(AddressMessages.List(new byte[64]), ref faulty, "listing")).Message.ShouldContain("no sense");

            using var cancellation = new CancellationTokenSource();
            var impatient = new Impatient(cancellation);
            Should.Throw<OperationCanceledException>(() => socket.Dump(AddressMessages.List(new byte[64]), ref impatient, "listing", cancellation.Token));

            socket.Dump(AddressMessages.List(new byte[64]), AddressMessages.Decode, "listing").Count.ShouldBe(3000);
        }
    }

    [Fact]
    public void A_list_that_changes_while_it_is_made_is_made_again_and_lacks_nothing()
    {
        using var sandbox = new Sandbox();
        sandbox.Host().Run(() =>
        {
            using var socket = new NetlinkSocket(Nl.NETLINK_ROUTE);
            using var other = RouteNetlink.Open();
            using var batch = new MessageBuffer();
            var prefix = IpPrefix.Parse("10.77.0.0/16");
            for (var i = 0; i < 3000; i++)
            {
                Add(batch, prefix.AddressAt(i));
            }

            // The kernel goes on at a position: what goes from before it moves the rest, and one of the rest is passed over.
            socket.Execute(batch, "adding addresses");
            var reader = new Disturbed(() => other.DeleteAddress(1, prefix.AddressAt(0), 32));
            socket.Dump(AddressMessages.List(new byte[64]), ref reader, "listing");
            reader.Starts.ShouldBe(2);
            reader.Addresses.ShouldBe(Enumerable.Range(1, 2999).Select(i => prefix.AddressAt(i)), ignoreOrder: true);
        });
    }

    [Fact]
    public void A_family_of_generic_netlink_is_found_with_its_groups()
    {
        using var sandbox = new Sandbox();
        using var socket = sandbox.Namespace().Run(() => new NetlinkSocket(Nl.NETLINK_GENERIC));
        var control = GenericFamily.Find(socket, "nlctrl").ShouldNotBeNull();
        control.Id.ShouldBe((ushort)0x10);
        control.Groups.Keys.ShouldBe(["notify"]);
        control.Groups["notify"].ShouldBe(0x10u);
        GenericFamily.Find(socket, "nothing").ShouldBeNull();
        Should.Throw<ArgumentOutOfRangeException>(() => GenericFamily.Find(socket, new string('x', 16)));
    }

    private static void Add(MessageBuffer batch, IPAddress address)
    {
        var writer = new MessageWriter(batch, Rt.RTM_NEWADDR, Nl.NLM_F_ACK | Nl.NLM_F_CREATE | Nl.NLM_F_EXCL);
        writer.Write(new AddressHeader(Rt.AF_INET, 32, 0, 0, 1));
        writer.Attribute(Rt.IFA_LOCAL, address);
        writer.Attribute(Rt.IFA_ADDRESS, address);
        writer.Finish();
    }

    private struct Faulty : IDumpReader
    {
        public readonly void Restart()
        {
        }

        public readonly void Read(ushort type, ReadOnlySpan<byte> payload) => throw new InvalidDataException("no sense");
    }

    private readonly struct Impatient(CancellationTokenSource cancellation) : IDumpReader
    {
        public void Restart()
        {
        }

        public void Read(ushort type, ReadOnlySpan<byte> payload) => cancellation.Cancel();
    }

    private struct Disturbed(Action disturb) : IDumpReader
    {
        public int Starts { get; private set; }

        public List<IPAddress> Addresses { get; } = [];

        public void Restart()
        {
            Starts++;
            Addresses.Clear();
        }

        public readonly void Read(ushort type, ReadOnlySpan<byte> payload)
        {
            Addresses.Add(AddressMessages.Decode(payload)!.Address);
            if (Starts == 1 && Addresses.Count == 1)
            {
                disturb();
            }
        }
    }
}
