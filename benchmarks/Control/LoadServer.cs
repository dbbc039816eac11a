using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Elysium.Contracts;

namespace Elysium.Benchmarks.Control;

/// <summary>
/// The load's process: does what the benchmark asks over a Unix socket, one line an order and one line its figures. Moments are of the machine's
/// monotonic clock, which both share.
/// </summary>
internal sealed class LoadServer : IAsyncDisposable
{
    private readonly Fleet _fleet = new();
    private readonly Dictionary<string, Queue<Machine>> _prepared = [];
    private readonly Dictionary<string, int> _named = [];
    private readonly List<Machine> _enrolled = [];
    private Target? _target;
    private Enrolments? _enrolments;
    private int _mark;

    public static async Task ServeAsync(string path, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
        await using var stream = new NetworkStream(socket, ownsSocket: false);
        using var reader = new StreamReader(stream);
        await using var writer = new StreamWriter(stream) { AutoFlush = true };
        await using var server = new LoadServer();
        while (await reader.ReadLineAsync(cancellationToken) is { } order)
        {
            await writer.WriteLineAsync(await server.AnswerAsync(order.Split(' '), cancellationToken));
        }
    }

    public ValueTask DisposeAsync() => _fleet.DisposeAsync();

    private async Task<string> AnswerAsync(string[] order, CancellationToken cancellationToken)
    {
        try
        {
            return string.Join(' ', (await DoAsync(order, cancellationToken)).Select(
                static figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Name}={figure.Value:R}")));
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or TimeoutException or HttpRequestException or InvalidOperationException)
        {
            return $"failed: {e.Message.ReplaceLineEndings(" ")}";
        }
    }

    private async Task<IReadOnlyList<(string Name, double Value)>> DoAsync(string[] order, CancellationToken cancellationToken)
    {
        switch (order)
        {
            case ["join", var joinCode]:
                var code = JoinCode.TryParse(joinCode, out var parsed, out var error) ? parsed : throw new InvalidOperationException(error);
                _target = new Target(code.Url, await PinnedTrust.FetchAsync(code, cancellationToken));
                _enrolments = new Enrolments(_target, code);
                return [];

            case ["target", var url, var root]:
                _target = new Target(new Uri(url), new PinnedTrust(X509CertificateLoader.LoadCertificateFromFile(root)));
                return [];

            case ["prepare", var kind, var count]:
                Prepare(kind, Number(count));
                return [];

            case ["enrol", var kind, var count, var clients, var connections]:
                return await EnrolAsync(kind, Number(count), Number(clients), connections == "kept", cancellationToken);

            case ["open", var count, var version]:
                return await OpenAsync(Number(count), Number(version), cancellationToken);

            case ["change", var rounds, var joinsPerSecond]:
                return await ChangeAsync(Number(rounds), Number(joinsPerSecond), cancellationToken);

            case ["return", var since]:
                return await ReturnAsync(long.Parse(since, CultureInfo.InvariantCulture), cancellationToken);

            case ["state"]:
                return State();

            default:
                throw new InvalidOperationException($"There is no order '{string.Join(' ', order)}'.");
        }
    }

    private void Prepare(string kind, int count)
    {
        var first = _named.GetValueOrDefault(kind) + 1;
        _named[kind] = first + count - 1;
        foreach (var machine in Enrolments.Prepare(kind, first, count))
        {
            Prepared(kind).Enqueue(machine);
        }
    }

    private async Task<IReadOnlyList<(string, double)>> EnrolAsync(string kind, int count, int clients, bool kept, CancellationToken cancellationToken)
    {
        var machines = Take(kind, count);
        var start = TimeProvider.System.GetTimestamp();
        var took = await _enrolments!.RunAsync(machines, clients, kept, cancellationToken);
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        _enrolled.AddRange(machines);
        return [("per_second", count / seconds), ("p50", Figures.Percentile(took, 0.50)), ("p99", Figures.Percentile(took, 0.99)), ("seconds", seconds)];
    }

    private async Task<IReadOnlyList<(string, double)>> OpenAsync(int count, int version, CancellationToken cancellationToken)
    {
        if (count > _enrolled.Count)
        {
            throw new InvalidOperationException($"Only {_enrolled.Count} machines have joined, not {count}.");
        }

        var start = TimeProvider.System.GetTimestamp();
        await _fleet.ResizeAsync(
            count, number => new Agent(_enrolled[number], _target!, version, _fleet.Memo, _fleet.Marks, _fleet.Tally, CancellationToken.None), cancellationToken);
        return [("seconds", TimeProvider.System.GetElapsedTime(start).TotalSeconds), .. State()];
    }

    /// <summary>Changes one after the other: each is a machine that joins, and is over when every stream has told of it.</summary>
    private async Task<IReadOnlyList<(string, double)>> ChangeAsync(int rounds, int joinsPerSecond, CancellationToken cancellationToken)
    {
        const int MostSeconds = 40;
        Prepare(FeedMemo.Mark, rounds);
        Prepare("join", (joinsPerSecond * MostSeconds) - (joinsPerSecond == 0 ? 0 : Prepared("join").Count));
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var joining = joinsPerSecond == 0
            ? Task.FromResult(0)
            : _enrolments!.KeepJoiningAsync(Prepared("join"), joinsPerSecond, enough.Token);
        using var connection = await _enrolments!.OpenAsync(cancellationToken);
        var (fromSent, fromAnswer) = (new List<double>(), new List<double>());
        try
        {
            for (var round = 0; round < rounds; round++)
            {
                var (sent, answered) = await ChangeOnceAsync(connection, cancellationToken);
                fromSent.Add(sent);
                fromAnswer.Add(answered);

                // Not in step with anything that happens at regular times.
                await Task.Delay(TimeSpan.FromMilliseconds(150 + (round * 37 % 200)), TimeProvider.System, cancellationToken);
            }
        }
        finally
        {
            await enough.CancelAsync();
        }

        return
        [
            ("p50", Figures.Percentile(fromSent, 0.50)),
            ("p99", Figures.Percentile(fromSent, 0.99)),
            ("answer_p99", Figures.Percentile(fromAnswer, 0.99)),
            ("joined", rounds + await joining),
        ];
    }

    private async Task<(double FromSent, double FromAnswer)> ChangeOnceAsync(Http2Connection connection, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        var machine = Take(FeedMemo.Mark, 1)[0];
        var mark = ++_mark;
        var pending = _fleet.Marks.Expect(mark, _fleet.Agents.Count);
        var sent = time.GetTimestamp();
        await _enrolments!.EnrolAsync(machine, connection, cancellationToken);
        var answered = time.GetTimestamp();
        try
        {
            var last = await pending.Everywhere.WaitAsync(TimeSpan.FromSeconds(30), time, cancellationToken);
            return (time.GetElapsedTime(sent, last).TotalMilliseconds, Math.Max(0, time.GetElapsedTime(answered, last).TotalMilliseconds));
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{pending.Missing} of {_fleet.Agents.Count} streams did not tell of {machine.Name} within 30 s.");
        }
        finally
        {
            _fleet.Marks.Forget(mark);
        }
    }

    private async Task<IReadOnlyList<(string, double)>> ReturnAsync(long since, CancellationToken cancellationToken)
    {
        await _fleet.ReturnAsync(since, cancellationToken);
        var returned = _fleet.Agents.Select(agent => TimeProvider.System.GetElapsedTime(since, agent.ItemAt).TotalSeconds).ToArray();
        return [("p50", Figures.Percentile(returned, 0.5)), ("last", returned.Max()), .. State()];
    }

    private IReadOnlyList<(string, double)> State()
    {
        var versions = _fleet.Agents.Select(static agent => (double)agent.Version).DefaultIfEmpty(0).ToArray();
        foreach (var (failure, times) in _fleet.Tally.TakeFailures())
        {
            Console.Error.WriteLine($"  {times} × {failure}");
        }

        return
        [
            ("live", _fleet.Agents.Count(static agent => agent.IsLive)),
            ("least_version", versions.Min()),
            ("version", versions.Max()),
            ("backwards", _fleet.Tally.Backwards),
            ("bytes", _fleet.Tally.Bytes),
            ("attempts", _fleet.Tally.Attempts),
        ];
    }

    private Machine[] Take(string kind, int count) => [.. Enumerable.Range(0, count).Select(_ => Prepared(kind).Dequeue())];

    private Queue<Machine> Prepared(string kind) =>
        _prepared.TryGetValue(kind, out var queue) ? queue : _prepared[kind] = new Queue<Machine>();

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
