namespace Elysium.Linux;

/// <summary>
/// How long to leave an interface alone after a pass over it: 50 ms, doubled by every pass that had to heal, up to 3.2 s. Two programs that
/// disagree about an interface, and hear of each other's changes at once, must not fight at full speed.
/// </summary>
public sealed class HealingPace
{
    private const int Doublings = 6;

    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(50);

    private int _healed;

    /// <summary>The rest that is due now.</summary>
    /// <param name="healed">Whether the pass changed something although nothing else was wanted than the time before.</param>
    public TimeSpan After(bool healed)
    {
        _healed = healed ? Math.Min(_healed + 1, Doublings) : 0;
        return Least * (1 << _healed);
    }
}
