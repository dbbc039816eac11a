using Elysium.Client.Backend;
using Elysium.Client.State;

namespace Elysium.Client.Agent;

/// <summary>
/// Serves one network: the interface from the last map at once, the feed when the backend is there, the certificate before it ends.
/// Ends when it is stopped, which touches nothing, or when the backend says that the peer is no more.
/// </summary>
internal sealed class NetworkWorker(NetworkState state, InterfaceReconciler reconciler, TimeProvider time, AgentLog log)
{
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ShortestRetry = TimeSpan.FromSeconds(1);

    // One for each run of the worker: the backend tells a stale session's end from a fresh one's by it.
    private readonly Guid _session = Guid.CreateVersion7(time.GetUtcNow());
    private readonly HeldMap _held = new(state, time, log);
    private readonly StatusBoard _status = new(state, time, log);
    private int _attempts;

    /// <summary>Gives the backend's final word, or is cancelled.</summary>
    public async Task<Refusal> RunAsync(CancellationToken cancellation)
    {
        await Task.Yield();
        var cached = state.ReadMap();
        log.Serving(
            state.Record.Interface,
            _held.Current,
            Output.Humane.Ago(cached?.ReceivedAt, time.GetUtcNow()));
        _status.Disconnected(null);

        var credentials = new Credentials(state, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var interfaceLoop = new InterfaceLoop(state.Record.Interface, state.ReadWireGuardKey(), _held, reconciler, _status, time, log);
        var heal = interfaceLoop.RunAsync(over.Token);
        var renew = new Renewal(credentials, state, NextBackend, time, log).RunAsync(over.Token);
        var follow = FollowAsync(credentials, over.Token);

        var first = await Task.WhenAny(heal, renew, follow);
        await over.CancelAsync();
        await Task.WhenAll(heal, renew, follow).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
        return first == renew ? await renew : await follow;
    }

    private async Task<Refusal> FollowAsync(Credentials credentials, CancellationToken cancellation)
    {
        var backoff = new Backoff(Jitter.Next, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        while (true)
        {
            var replaced = credentials.Replaced;
            var current = credentials.Current;
            var backend = NextBackend();
            log.Connecting(backend);
            SessionEnd end;
            using (var connection = BackendConnection.Verified(backend, current.Trust, time, current.Identity.Context))
            using (var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation, replaced))
            {
                try
                {
                    end = await new Session(connection, backend, _session, _held, _status, time, log).RunAsync(over.Token);
                }
                catch (OperationCanceledException) when (replaced.IsCancellationRequested && !cancellation.IsCancellationRequested)
                {
                    // A renewal: the next connection shows the new certificate. The network did nothing wrong, so nothing waits.
                    continue;
                }
            }

            if (end.Failure is Refusal { Code: ProblemCodes.PeerRevoked } final)
            {
                return final;
            }

            if (end.HadItem)
            {
                backoff.Reset();
            }
            else
            {
                _attempts++;
            }

            var wait = end.RetryAfter is { } asked ? TimeSpan.FromTicks(Math.Clamp(asked.Ticks, ShortestRetry.Ticks, LongestRetry.Ticks)) : backoff.Next();
            _status.Disconnected(end.Failure.Message);
            log.Disconnected(end.Failure.Message, wait);
            await PauseAsync(wait, replaced, cancellation);
        }
    }

    // Not for a new certificate: the old one may be what the backend refused.
    private async Task PauseAsync(TimeSpan wait, CancellationToken replaced, CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation, replaced);
        try
        {
            await Task.Delay(wait, time, over.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Replaced: the next attempt is another one.
        }
    }

    // The map's, best first, then the join code's; the next one after an attempt that gave nothing.
    private Uri NextBackend()
    {
        var known = new List<Uri>();
        foreach (var text in _held.Current?.Backends ?? [])
        {
            if (Uri.TryCreate(text, UriKind.Absolute, out var url) && JoinCode.IsBackendUrl(url))
            {
                known.Add(url);
            }
        }

        if (!known.Contains(state.Record.Backend))
        {
            known.Add(state.Record.Backend);
        }

        return known[_attempts % known.Count];
    }
}
