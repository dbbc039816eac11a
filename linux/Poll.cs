namespace Elysium.Linux;

/// <summary>Waits for what nobody announces.</summary>
internal static class Poll
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Asks until the answer is yes or the time is over; the last answer.</summary>
    public static bool Until(Func<bool> condition, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (!condition())
        {
            if (time.GetElapsedTime(started) >= limit)
            {
                return false;
            }

            // Blocks on purpose: callers stand on threads that entered a namespace and must not leave them.
            Task.Delay(Pause, time, cancellationToken).GetAwaiter().GetResult();
        }

        return true;
    }
}
