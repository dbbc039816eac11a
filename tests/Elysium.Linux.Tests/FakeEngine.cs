using System.Net.Sockets;
using System.Text;

namespace Elysium.Linux.Tests;

/// <summary>Stands on an engine's socket, keeps what it is told, and answers as it is made to: as no engine should, mostly.</summary>
internal sealed class FakeEngine : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private readonly List<string> _requests = [];

    /// <param name="name">The interface; the calling thread is where its socket shall be.</param>
    /// <param name="answer">Given the connection and the request, which it may leave unread.</param>
    /// <param name="reads">Whether a request is read whole before it is answered.</param>
    public FakeEngine(string name, Action<Socket> answer, bool reads = true)
    {
        _listener.Bind(new UnixDomainSocketEndPoint($"/run/wireguard/{name}.sock"));
        _listener.Listen(5);
        _thread = new Thread(() => Serve(answer, reads));
        _thread.Start();
    }

    /// <summary>An engine that always says this and hangs up.</summary>
    public static FakeEngine Saying(string name, string answer) => new(name, socket => socket.Send(Encoding.ASCII.GetBytes(answer)));

    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public void Dispose()
    {
        // Disposing the listener alone wakes nobody who waits in it.
        _stop.Cancel();
        _thread.Join();
        _listener.Dispose();
        _stop.Dispose();
    }

    private void Serve(Action<Socket> answer, bool reads)
    {
        try
        {
            while (true)
            {
                using var socket = _listener.AcceptAsync(_stop.Token).AsTask().GetAwaiter().GetResult();
                Talk(socket, answer, reads);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private void Talk(Socket socket, Action<Socket> answer, bool reads)
    {
        try
        {
            var request = new StringBuilder();
            var buffer = new byte[65536];
            while (reads && !request.ToString().EndsWith("\n\n"))
            {
                var received = socket.Receive(buffer);
                if (received == 0)
                {
                    return;
                }

                request.Append(Encoding.ASCII.GetString(buffer, 0, received));
            }

            lock (_requests)
            {
                _requests.Add(request.ToString());
            }

            answer(socket);
        }
        catch (SocketException)
        {
            // It had enough of us.
        }
    }
}
