using System.Collections.Concurrent;

namespace Elysium.Backend.Maps;

/// <summary>
/// Tells the streams of a network that there is something newer than what they sent. It carries a version and nothing else: who
/// hears it reads the database, so a ring that comes twice or late does no harm.
/// </summary>
internal sealed class Doorbell
{
    /// <summary>The version of a network that was deleted.</summary>
    public const long Gone = long.MaxValue;

    private readonly ConcurrentDictionary<Guid, Bell> _bells = new();

    public void Ring(Guid network, long version, bool atOnce)
    {
        Bell next, previous;
        do
        {
            previous = _bells.GetOrAdd(network, static _ => new Bell(0, 0));
            next = new Bell(Math.Max(previous.Version, version), atOnce ? Math.Max(previous.UrgentVersion, version) : previous.UrgentVersion);
        }
        while (!_bells.TryUpdate(network, next, previous));
        previous.Rung.TrySetResult();
    }

    /// <summary>Ends when the network has a version above the one held; with <paramref name="urgent"/>, one that may not wait.</summary>
    public async Task WaitAsync(Guid network, long held, bool urgent, CancellationToken cancellationToken)
    {
        while (true)
        {
            var bell = _bells.GetOrAdd(network, static _ => new Bell(0, 0));
            if ((urgent ? bell.UrgentVersion : bell.Version) > held)
            {
                return;
            }

            await bell.Rung.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Replaced as a whole at each ring; the old one wakes its waiters.</summary>
    private sealed class Bell(long version, long urgentVersion)
    {
        public long Version => version;

        public long UrgentVersion => urgentVersion;

        public TaskCompletionSource Rung { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
