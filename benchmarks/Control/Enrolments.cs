using System.Collections.Concurrent;
using System.Net.Security;
using Elysium.Contracts;

namespace Elysium.Benchmarks.Control;

/// <summary>Machines that join: many at once, or some a second.</summary>
internal sealed class Enrolments(Target target, JoinCode code)
{
    private readonly byte[] _headers = Hpack.Request(
        post: true, target.Authority, "/v1/enroll", ("content-type", "application/json"), ("authorization", $"Bearer {code.BearerToken}"));

    /// <summary>Makes keys and certificate requests, on every processor.</summary>
    public static Machine[] Prepare(string kind, int first, int count) =>
        [.. Enumerable.Range(first, count).AsParallel().AsOrdered().Select(number => new Machine(Machine.NameOf(kind, number)))];

    /// <summary>Each client takes the next machine as soon as it has joined one. Gives the milliseconds of each enrolment.</summary>
    public async Task<IReadOnlyCollection<double>> RunAsync(IEnumerable<Machine> machines, int clients, bool kept, CancellationToken cancellationToken)
    {
        var waiting = new ConcurrentQueue<Machine>(machines);
        var took = new ConcurrentBag<double>();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
        {
            using var connection = kept ? await OpenAsync(cancellationToken) : null;
            while (waiting.TryDequeue(out var machine))
            {
                var start = TimeProvider.System.GetTimestamp();
                await EnrolAsync(machine, connection, cancellationToken);
                took.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
            }
        }));
        return took;
    }

    public async Task EnrolAsync(Machine machine, Http2Connection? kept, CancellationToken cancellationToken)
    {
        using var own = kept is null ? await OpenAsync(cancellationToken) : null;
        using var cut = cancellationToken.Register(static open => ((Http2Connection)open!).Dispose(), kept ?? own!);
        var (status, body) = await (kept ?? own!).ExchangeAsync(_headers, machine.Request);
        machine.Enrolled(status, body.Span);
    }

    /// <summary>So many a second, each with a connection of its own, until it is stopped. Gives how many joined.</summary>
    public async Task<int> KeepJoiningAsync(Queue<Machine> machines, int perSecond, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond), TimeProvider.System);
        var joining = new List<Task>();
        try
        {
            while (machines.Count > 0)
            {
                await timer.WaitForNextTickAsync(stop);
                joining.Add(EnrolAsync(machines.Dequeue(), null, CancellationToken.None));
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }

        await Task.WhenAll(joining);
        return joining.Count;
    }

    /// <summary>A connection without a certificate, as a machine has none yet.</summary>
    public Task<Http2Connection> OpenAsync(CancellationToken cancellationToken) =>
        Http2Connection.OpenAsync(target, identity: (SslStreamCertificateContext?)null, static _ => { }, cancellationToken);
}
