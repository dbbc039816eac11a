using System.Globalization;

namespace Elysium.Benchmarks.Control;

/// <summary>What processes take of the machine, as the kernel counts it (proc(5)).</summary>
internal static class ProcessUse
{
    private const double MillisecondsPerTick = 10; // USER_HZ is 100 on every architecture of Linux that .NET runs on

    /// <summary>Processor time of all threads, user and system; of a process that is gone, none.</summary>
    public static double CpuMilliseconds(params IEnumerable<int> processes) => processes.Sum(static process =>
    {
        try
        {
            // The name, in parentheses, may contain anything; the third field follows it.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) * MillisecondsPerTick;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    });

    /// <summary>Waits until it has nothing left to do.</summary>
    public static async Task IdleAsync(int process, CancellationToken cancellationToken)
    {
        const int MostRounds = 20;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        var before = CpuMilliseconds(process);
        for (var round = 0; round < MostRounds && await timer.WaitForNextTickAsync(cancellationToken); round++)
        {
            var now = CpuMilliseconds(process);
            if (now - before <= 20)
            {
                return;
            }

            before = now;
        }
    }

    /// <summary>Memory that is the process's own: heaps and stacks, managed and native, without what it maps of files.</summary>
    public static double AnonymousKibibytes(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(static line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
        return double.Parse(line["RssAnon:".Length..^" kB".Length], CultureInfo.InvariantCulture);
    }

    /// <summary>The memory once it has settled: the median of some seconds, in which agents go on with their heartbeats.</summary>
    public static async Task<double> SettledKibibytesAsync(int process, CancellationToken cancellationToken)
    {
        var seen = new List<double>();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        while (seen.Count < 20)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            seen.Add(AnonymousKibibytes(process));
        }

        return Figures.Percentile(seen.Skip(10), 0.5);
    }
}
