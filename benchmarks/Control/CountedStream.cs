using System.Net.Sockets;

namespace Elysium.Benchmarks.Control;

/// <summary>A socket's stream that counts what the other side sent, below TLS.</summary>
internal sealed class CountedStream(Socket socket, Action<int> received) : NetworkStream(socket, ownsSocket: true)
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await base.ReadAsync(buffer, cancellationToken);
        received(read);
        return read;
    }
}
