using Elysium.Client.Backend;
using Elysium.Client.State;

namespace Elysium.Client.Agent;

/// <summary>
/// Renews the certificate, with the same key, over a connection of its own: early enough that a week-long outage of a backend costs
/// nothing, and even when it has expired, because the backend may still take it for this alone.
/// </summary>
internal sealed class Renewal(Credentials credentials, NetworkState state, Func<Uri> backend, TimeProvider time, AgentLog log)
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromHours(1);

    // However short certificates are, and wherever this machine's clock stands beside the backend's: no storm.
    private static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(30);

    private readonly Backoff _backoff = new(Jitter.Next, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(10));
    private readonly double _jitter = Jitter.Next();

    /// <summary>
    /// Two thirds of the lifetime, and up to a twentieth later, so that machines that joined together do not renew together. Counted
    /// from when the certificate came: its own beginning is backdated, for short ones by more than their life. At its end at the latest,
    /// should the clock have been in the future when it came.
    /// </summary>
    public static DateTimeOffset DueAt(DateTimeOffset receivedAt, DateTimeOffset notAfter, double jitter) =>
        receivedAt < notAfter ? receivedAt + ((notAfter - receivedAt) * ((2.0 / 3) + (jitter / 20))) : notAfter;

    /// <summary>Ends only when the backend says that the peer is no more.</summary>
    public async Task<Refusal> RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var current = credentials.Current;
            var wait = DueAt(current.ReceivedAt, current.Identity.NotAfter, _jitter) - time.GetUtcNow();
            if (wait > TimeSpan.Zero)
            {
                // In steps: timers stand still while a laptop sleeps.
                await Task.Delay(wait < LongestSleep ? wait : LongestSleep, time, cancellation);
                continue;
            }

            if (await RenewAsync(cancellation) is not { } failure)
            {
                _backoff.Reset();
                await Task.Delay(LeastInterval, time, cancellation);
                continue;
            }

            if (failure is Refusal { Code: ProblemCodes.PeerRevoked } final)
            {
                return final;
            }

            var pause = _backoff.Next();
            log.RenewalFailed(failure.Message, pause);
            await Task.Delay(pause, time, cancellation);
        }
    }

    private async Task<Failure?> RenewAsync(CancellationToken cancellation)
    {
        var current = credentials.Current;
        using var connection = BackendConnection.Verified(backend(), current.Trust, time, current.Identity.Context);
        var answer = await connection.PostAsync(
            "/v1/self/certificate",
            new RenewRequest(ClientIdentity.CertificateRequestFor(state.ReadIdentityKey())),
            ElysiumJson.Default.RenewRequest,
            ElysiumJson.Default.RenewResponse,
            null,
            cancellation);
        if (!answer.Is(out var renewal, out var failure))
        {
            return failure;
        }

        if (credentials.Take(renewal) is { } refused)
        {
            return refused;
        }

        log.Renewed(credentials.Current.Identity.NotAfter);
        return null;
    }
}
