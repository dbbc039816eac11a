namespace Elysium.Benchmarks.WireGuard;

/// <summary>What one way and the other took, in turn, in milliseconds: machines drift, so only neighbours are compared.</summary>
internal sealed class Pairs
{
    private readonly List<double> _ours = [];
    private readonly List<double> _theirs = [];

    /// <summary>Median of ours divided by theirs, pair by pair.</summary>
    public double Ratio => Figures.Percentile(_ours.Zip(_theirs, static (ours, theirs) => ours / theirs), 0.5);

    /// <summary>Median of ours.</summary>
    public double Ours => Figures.Percentile(_ours, 0.5);

    /// <summary>Median of theirs.</summary>
    public double Theirs => Figures.Percentile(_theirs, 0.5);

    /// <summary>Measures pairs; who is first changes with each. The first pair of all warms both up and is not counted.</summary>
    public static Pairs Measure(int count, Func<int, double> ours, Func<int, double> theirs)
    {
        var pairs = new Pairs();
        for (var number = 0; number <= count; number++)
        {
            var first = number % 2 == 0 ? ours(number) : theirs(number);
            var second = number % 2 == 0 ? theirs(number) : ours(number);
            if (number > 0)
            {
                pairs._ours.Add(number % 2 == 0 ? first : second);
                pairs._theirs.Add(number % 2 == 0 ? second : first);
            }
        }

        return pairs;
    }

    /// <summary>How long something takes, in milliseconds.</summary>
    public static double Time(Action work)
    {
        var start = TimeProvider.System.GetTimestamp();
        work();
        return TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
    }
}
