using System.Net;
using System.Net.Sockets;
using static Elysium.Linux.Tests.Firewall.Crossroads;

namespace Elysium.Linux.Tests.Firewall;

/// <summary>Ways out of a network: what a subnet router or an exit node needs.</summary>
public sealed class WayOutTests
{
    private const int Port = 4711;

    [Theory]
    [InlineData(true, "192.0.2.2", "192.0.2.1")]
    [InlineData(false, "192.0.2.2", "10.77.0.2")]
    [InlineData(true, "fd00:2::2", "fd00:2::1")]
    [InlineData(false, "fd00:2::2", "fd00:77::2")]
    public void A_member_gets_out_and_is_seen_as_the_hub_if_masqueraded(bool masquerade, string server, string seenAs)
    {
        using var crossroads = new Crossroads();
        crossroads.Nftables.Apply(WithWayOut(masquerade));
        using var connection = Connection.Between(crossroads.First, crossroads.Neighbour, server);
        connection.SeenFrom.ShouldBe(IPAddress.Parse(seenAs));
        connection.Echoes().ShouldBeTrue("replies come back");
    }

    [Fact]
    public void Nobody_outside_opens_a_connection_and_no_other_network_gets_the_way()
    {
        using var crossroads = new Crossroads();
        Wait.Until(() => Answers(crossroads.Neighbour, "10.77.0.2") && Answers(crossroads.Other, "192.0.2.2"), "without rules both are possible");
        crossroads.Nftables.Apply(WithWayOut(masquerade: false));
        Answers(crossroads.First, "192.0.2.2").ShouldBeTrue();
        Answers(crossroads.First, "fd00:2::2").ShouldBeTrue();
        Answers(crossroads.First, "192.0.2.1").ShouldBeTrue("the hub's own address there");
        Answers(crossroads.Neighbour, "10.77.0.2").ShouldBeFalse();
        Answers(crossroads.Neighbour, "fd00:77::2").ShouldBeFalse();
        Answers(crossroads.Other, "192.0.2.2").ShouldBeFalse();
        Answers(crossroads.Other, "10.77.0.2").ShouldBeFalse();
    }

    [Theory]
    [InlineData("10.78.0.2", "10.78.0.1", "192.0.2.2")]
    [InlineData("fd00:78::2", "fd00:78::1", "fd00:2::2")]
    public void A_way_out_to_everywhere_does_not_lead_into_another_network(string member, string hub, string outside)
    {
        using var crossroads = new Crossroads();
        Wait.Until(() => Answers(crossroads.First, member) && Answers(crossroads.First, hub), "without rules they are reached");
        crossroads.Nftables.Apply(WithWayOut(masquerade: true, "0.0.0.0/0", "::/0"));
        Answers(crossroads.First, outside).ShouldBeTrue();
        Answers(crossroads.First, member).ShouldBeFalse();
        Answers(crossroads.First, hub).ShouldBeFalse();
    }

    [Theory]
    [InlineData("10.77.0.3", 40)]
    [InlineData("fd00:77::3", 60)]
    [InlineData("192.0.2.2", 40)]
    [InlineData("fd00:2::2", 60)]
    public void Segments_are_as_long_as_the_path_through_the_hub_allows(string server, int headers)
    {
        const int Mtu = 1300;
        const int Timestamps = 12;
        using var crossroads = new Crossroads();
        Shell(crossroads.Hub, $"ip link set wg0 mtu {Mtu}");
        var to = server.EndsWith('3') ? crossroads.Second : crossroads.Neighbour;
        using (var before = Connection.Between(crossroads.First, to, server))
        {
            before.LargestSegments.ShouldAllBe(size => size > Mtu - headers, "without rules both ends believe in their own link's 1500");
        }

        crossroads.Nftables.Apply(WithWayOut(masquerade: false));
        using var after = Connection.Between(crossroads.First, to, server);
        after.LargestSegments.ShouldAllBe(size => size == Mtu - headers - Timestamps);
    }

    /// <summary>A TCP connection from one host to another.</summary>
    private sealed class Connection : IDisposable
    {
        private readonly Socket _client;
        private readonly Socket _server;

        private Connection(Socket client, Socket server) => (_client, _server) = (client, server);

        public IPAddress SeenFrom => ((IPEndPoint)_server.RemoteEndPoint!).Address;

        /// <summary>What each end believes it may send at once (tcp(7), TCP_MAXSEG), of its headers only timestamps taken off.</summary>
        public int[] LargestSegments => [MaximumSegment(_client), MaximumSegment(_server)];

        public static Connection Between(NamespaceThread from, NamespaceThread to, string address)
        {
            var end = new IPEndPoint(IPAddress.Parse(address), Port);
            using var listener = to.Run(() =>
            {
                var socket = new Socket(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(end);
                socket.Listen();
                return socket;
            });
            var client = from.Run(() => new Socket(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
            client.ConnectAsync(end).Wait(TimeSpan.FromSeconds(5)).ShouldBeTrue($"{address} answers");
            var accepting = listener.AcceptAsync();
            accepting.Wait(TimeSpan.FromSeconds(5)).ShouldBeTrue();
            return new Connection(client, accepting.Result);
        }

        public bool Echoes()
        {
            _client.Send([1, 2, 3]);
            var received = new byte[3];
            _server.ReceiveTimeout = _client.ReceiveTimeout = 5000;
            return _server.Receive(received) == 3 && _server.Send(received) == 3 && _client.Receive(received) == 3;
        }

        public void Dispose()
        {
            // A reset, so that the port is free at once.
            foreach (var socket in new[] { _client, _server })
            {
                socket.LingerState = new LingerOption(enable: true, 0);
                socket.Dispose();
            }
        }

        private static int MaximumSegment(Socket socket)
        {
            const int IPPROTO_TCP = 6;
            const int TCP_MAXSEG = 2;
            Span<byte> value = stackalloc byte[sizeof(int)];
            socket.GetRawSocketOption(IPPROTO_TCP, TCP_MAXSEG, value);
            return BitConverter.ToInt32(value);
        }
    }
}
