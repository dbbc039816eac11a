using System.Globalization;
using System.Net.Sockets;
using Elysium.Lab;

namespace Elysium.Benchmarks.Control;

/// <summary>The load, in a process of its own on the backend's machine: gives orders and gets figures.</summary>
internal sealed class LoadProcess : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly Socket _socket;
    private readonly StreamReader _reader;
    private readonly StreamWriter _writer;
    private int _told;

    private LoadProcess(HostProcess process, Socket listener, Socket socket)
    {
        (Process, _listener, _socket) = (process, listener, socket);
        var stream = new NetworkStream(socket);
        _reader = new StreamReader(stream);
        _writer = new StreamWriter(stream) { AutoFlush = true };
    }

    public HostProcess Process { get; }

    public static async Task<LoadProcess> StartAsync(LabHost host, CancellationToken cancellationToken)
    {
        // Below the folder's own rights, 0700.
        var path = Path.Combine(host.Folder, "load.sock");
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
        var process = await host.StartAsync(Environment.ProcessPath!, ["load", path], cancellationToken: cancellationToken);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20), TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return new LoadProcess(process, listener, await listener.AcceptAsync(either.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            listener.Dispose();
            throw new LabException($"The load generator did not start.\n{process.Log}");
        }
    }

    /// <summary>Has an order carried out.</summary>
    /// <returns>Its figures by name.</returns>
    /// <exception cref="LabException">It could not be.</exception>
    public async Task<IReadOnlyDictionary<string, double>> DoAsync(string order, CancellationToken cancellationToken)
    {
        await _writer.WriteLineAsync(order.AsMemory(), cancellationToken);
        var answer = await _reader.ReadLineAsync(cancellationToken);
        if (answer is null || answer.StartsWith("failed: ", StringComparison.Ordinal))
        {
            // The first word alone: an order may carry a join code.
            throw new LabException($"The load's '{order.Split(' ')[0]}' {answer ?? "ended its process"}\n{Process.Log}");
        }

        return answer.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(static figure => figure.Split('='))
            .ToDictionary(static figure => figure[0], static figure => double.Parse(figure[1], CultureInfo.InvariantCulture));
    }

    /// <summary>What the agents met with since this was asked last, for whoever watches.</summary>
    public string TakeErrors()
    {
        var all = File.ReadAllText(Process.ErrorsPath);
        var news = all[_told..];
        _told = all.Length;
        return news;
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _listener.Dispose();
        return ValueTask.CompletedTask;
    }
}
