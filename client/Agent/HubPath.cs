using System.Net;

namespace Elysium.Client.Agent;

/// <summary>
/// Which of a hub's endpoints this machine uses, by what its own WireGuard shows. One that answers is kept; one that does not makes room for
/// the next that there is a route to. Pure: the time and the routes are told.
/// </summary>
internal sealed class HubPath
{
    /// <summary>
    /// Whoever gets data answers it within 10 s, be it by an empty packet, and a sender that hears nothing for 5 s more calls for a new session
    /// (WireGuard §6.2, §6.5: KEEPALIVE_TIMEOUT + REKEY_TIMEOUT). So this much silence after something was sent is no idle tunnel.
    /// </summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    /// <summary>What has never answered gets two handshakes (REKEY_TIMEOUT is 5 s); longer once every endpoint had its turn.</summary>
    public static readonly TimeSpan FirstPatience = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan LongestPatience = TimeSpan.FromMinutes(1);

    /// <summary>So long may a tunnel be idle before its hub is asked for a sign of life; else a lost one shows only at the next handshake.</summary>
    public static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(30);

    private const int KeepaliveBytes = 32;

    private IPEndPoint? _current;
    private bool _answered;
    private int _failures;
    private long _received;
    private long _sentThen;
    private TimeSpan _heardAt;
    private TimeSpan? _unansweredSince;

    /// <summary>The endpoint to ask for; null: whatever the device has.</summary>
    /// <param name="candidates">Where the hub is said to be, best first; empty: not known now.</param>
    /// <param name="hasRoute">Whether this machine could send there.</param>
    /// <param name="seen">The hub, as the device showed it last; null: there was no device.</param>
    /// <param name="now">A clock that only goes forward.</param>
    public IPEndPoint? Choose(IReadOnlyList<IPEndPoint> candidates, Func<IPEndPoint, bool> hasRoute, Peer? seen, TimeSpan now)
    {
        if (candidates.Count == 0)
        {
            return _current;
        }

        var usable = candidates.Where(hasRoute).ToList();
        if (usable.Count == 0)
        {
            // No network at the moment, say: no reason to leave the one that worked.
            usable = [.. candidates];
        }

        if (_current is null || !usable.Contains(_current))
        {
            // A device that outlived its agent goes on as it is.
            var adopted = _current is null && seen?.Endpoint is { } its && usable.Contains(its);
            return Take(adopted ? seen!.Endpoint! : usable[0], seen, now);
        }

        if (!IsSilent(seen, now))
        {
            return _current;
        }

        _failures++;
        var next = usable[(usable.IndexOf(_current) + 1) % usable.Count];
        if (!next.Equals(_current) || seen?.Endpoint is not { } elsewhere || elsewhere.Equals(_current))
        {
            return Take(next, seen, now);
        }

        // The hub was heard from elsewhere and is silent there. An endpoint that is asked for as before leaves it where it is: so ask for none
        // this time.
        Take(next, seen, now);
        return null;

        bool IsSilent(Peer? hub, TimeSpan at)
        {
            if (hub is null || hub.ReceivedBytes != _received || hub.SentBytes < _sentThen)
            {
                // It was heard, or the device is another one and counts anew.
                _answered |= hub is not null && hub.ReceivedBytes > 0 && hub.ReceivedBytes != _received;
                _failures = _answered ? 0 : _failures;
                Mark(hub, at);
                return false;
            }

            var keepalives = hub.PersistentKeepalive == 0 ? 0 : 1 + (long)((at - _heardAt).TotalSeconds / hub.PersistentKeepalive);
            if (hub.SentBytes - _sentThen <= keepalives * KeepaliveBytes)
            {
                return false;
            }

            _unansweredSince ??= at;
            return at - _unansweredSince >= (_answered ? Silence : Patience(usable.Count));
        }
    }

    /// <summary>Whether nothing was heard, and nothing was sent that asks for an answer.</summary>
    public bool IsIdle(TimeSpan now) => _unansweredSince is null && now - _heardAt >= LongestIdle;

    private TimeSpan Patience(int candidates) =>
        FirstPatience * (1 << Math.Min(_failures / candidates, 8)) is var patience && patience < LongestPatience ? patience : LongestPatience;

    private IPEndPoint Take(IPEndPoint endpoint, Peer? seen, TimeSpan now)
    {
        _current = endpoint;
        _answered = false;
        Mark(seen, now);
        return endpoint;
    }

    private void Mark(Peer? seen, TimeSpan now)
    {
        (_received, _sentThen) = (seen?.ReceivedBytes ?? 0, seen?.SentBytes ?? 0);
        _heardAt = now;
        _unansweredSince = null;
    }
}
