namespace Elysium.Client.Backend;

/// <summary>
/// How long to wait before the next attempt: full jitter under a ceiling that doubles, never less than the floor, so that a thousand
/// agents neither come back together nor at once. Reset only when an attempt gave something, not when it merely connected.
/// </summary>
/// <param name="random">Numbers of [0, 1).</param>
/// <param name="floor">The shortest wait.</param>
/// <param name="cap">The longest.</param>
internal sealed class Backoff(Func<double> random, TimeSpan floor, TimeSpan cap)
{
    private int _failures;

    public TimeSpan Next()
    {
        var ceiling = Math.Min(cap / floor, Math.Pow(2, ++_failures));
        return floor * (1 + (random() * (ceiling - 1)));
    }

    public void Reset() => _failures = 0;
}
