using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Elysium.Backend.Database;

namespace Elysium.Backend.Tests.Postgres;

/// <summary>Stands between a backend and PostgreSQL, and cuts the connection on which a COMMIT passes, once: before it, behind it, or while it is on its way.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly IPEndPoint _server;
    private readonly Task _accepting;
    private volatile string _cut = "";
    private Func<Task> _when = static () => Task.CompletedTask;

    public CuttingProxy(DatabaseOptions server)
    {
        _server = new IPEndPoint(IPAddress.Parse(server.Host), server.Port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many connections it has cut.</summary>
    public int Cuts { get; private set; }

    /// <summary>The next commit does not reach the server.</summary>
    public void CutBefore() => _cut = "before";

    /// <summary>The next commit reaches the server, and its answer nobody.</summary>
    public void CutBehind() => _cut = "behind";

    /// <summary>The next commit reaches the server when that happens, and its sender is gone at once.</summary>
    public void CutAndDeliver(Func<Task> when)
    {
        _when = when;
        _cut = "late";
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting.ContinueWith(static _ => { }, TaskScheduler.Default);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            _ = PassAsync(client);
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        using (var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token))
        {
            try
            {
                await server.ConnectAsync(_server, ended.Token);
                var committed = new StrongBox<bool>();
                await Task.WhenAny(
                    QuestionsAsync(client.GetStream(), server.GetStream(), committed, ended.Token),
                    AnswersAsync(server.GetStream(), client.GetStream(), committed, ended.Token));
                await ended.CancelAsync();
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // Either end went: so does the other.
            }
        }
    }

    private async Task QuestionsAsync(NetworkStream client, NetworkStream server, StrongBox<bool> committed, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (await client.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            var cut = buffer.AsSpan(0, read).IndexOf("COMMIT\0"u8) >= 0 ? Interlocked.Exchange(ref _cut!, "") : "";
            if (cut == "before")
            {
                Cuts++;
                return;
            }

            if (cut == "late")
            {
                Cuts++;
                client.Socket.Close();
                await _when();
                await server.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken); // Until the server has answered, which ends both ways.
            }

            Volatile.Write(ref committed.Value, cut is "behind");
            await server.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
    }

    private async Task AnswersAsync(NetworkStream server, NetworkStream client, StrongBox<bool> committed, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (await server.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            if (Volatile.Read(ref committed.Value))
            {
                // The server has done it when it answers.
                Cuts++;
                return;
            }

            await client.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
    }
}
