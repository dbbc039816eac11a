using System.Net;
using System.Net.Sockets;
using Elysium.Client.Backend;

namespace Elysium.Tests.Client.Backend;

public sealed class DialingTests : IDisposable
{
    private readonly List<Socket> _sockets = [];

    [Fact]
    public async Task An_address_that_swallows_everything_costs_a_moment_and_not_the_connection()
    {
        var swallows = await SwallowingAsync();
        using var listener = Listening(IPAddress.IPv6Loopback);

        var start = TimeProvider.System.GetTimestamp();
        using var connected = await Dialing.FirstAsync([swallows, EndpointOf(listener)], TimeProvider.System, CancellationToken.None);

        connected.RemoteEndPoint.ShouldBe(EndpointOf(listener));
        TimeProvider.System.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task An_address_that_refuses_makes_room_at_once_and_the_last_refusal_is_told()
    {
        var refuses = EndpointOf(Listening(IPAddress.Loopback));
        _sockets[^1].Dispose();
        using var listener = Listening(IPAddress.Loopback);

        using var connected = await Dialing.FirstAsync([refuses, EndpointOf(listener)], TimeProvider.System, CancellationToken.None);
        connected.RemoteEndPoint.ShouldBe(EndpointOf(listener));

        (await Should.ThrowAsync<SocketException>(Dialing.FirstAsync([refuses, refuses], TimeProvider.System, CancellationToken.None)))
            .SocketErrorCode.ShouldBe(SocketError.ConnectionRefused);
        await Should.ThrowAsync<SocketException>(Dialing.FirstAsync([], TimeProvider.System, CancellationToken.None));
    }

    [Fact]
    public async Task A_connection_that_nobody_answers_ends_with_its_callers_patience()
    {
        var swallows = await SwallowingAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(400));

        await Should.ThrowAsync<OperationCanceledException>(Dialing.FirstAsync([swallows, swallows], TimeProvider.System, patience.Token));
    }

    [Theory]
    [InlineData("2001:db8::1 192.0.2.1 2001:db8::2 2001:db8::3", "2001:db8::1 192.0.2.1 2001:db8::2 2001:db8::3")]
    [InlineData("2001:db8::1 2001:db8::2 192.0.2.1 192.0.2.2", "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2")]
    [InlineData("192.0.2.1 192.0.2.2 192.0.2.3 2001:db8::1", "192.0.2.1 2001:db8::1 192.0.2.2 192.0.2.3")]
    [InlineData("192.0.2.1", "192.0.2.1")]
    public void The_families_take_turns(string resolved, string tried) =>
        string.Join(' ', Dialing.InTurns([.. resolved.Split(' ').Select(IPAddress.Parse)])).ShouldBe(tried);

    public void Dispose() => _sockets.ForEach(s => s.Dispose());

    private static IPEndPoint EndpointOf(Socket socket) => (IPEndPoint)socket.LocalEndPoint!;

    private Socket Listening(IPAddress address, int backlog = 10)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(socket);
        socket.Bind(new IPEndPoint(address, 0));
        socket.Listen(backlog);
        return socket;
    }

    // Linux drops a SYN when the queue of connections to accept is full (listen(2)): as a firewall that says nothing.
    private async Task<IPEndPoint> SwallowingAsync()
    {
        var endpoint = EndpointOf(Listening(IPAddress.Loopback, backlog: 0));
        for (var i = 0; i < 16; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _sockets.Add(socket);
            using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
            try
            {
                await socket.ConnectAsync(endpoint, limit.Token);
            }
            catch (OperationCanceledException)
            {
                return endpoint;
            }
        }

        throw new InvalidOperationException("The queue never filled up.");
    }
}
