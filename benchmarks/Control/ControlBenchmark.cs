using System.Globalization;
using Elysium.Lab;

namespace Elysium.Benchmarks.Control;

/// <summary>What one network asks of the backend: many that join, thousands that listen, all of them at once.</summary>
internal static class ControlBenchmark
{
    private const int Storm = 5_000;
    private const int LeastFiles = 11_000;

    /// <param name="part">What to measure: <c>enrol</c>, <c>streams</c> or <c>storm</c>; null: everything.</param>
    /// <param name="most">The most streams at once.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task RunAsync(string? part, int most, CancellationToken cancellationToken)
    {
        RequireFiles();
        Progress.Say("a backend, its hub and its database");
        await using var plane = await ControlPlane.StartAsync(cancellationToken);
        if (part is null or "enrol")
        {
            await EnrolmentFigures.PrintAsync(plane, cancellationToken);
            await plane.CheckPeersAsync(cancellationToken);
        }

        if (part is null or "streams")
        {
            await StreamFigures.PrintAsync(plane, most, cancellationToken);
        }

        if (part is null or "storm")
        {
            await StormFigures.PrintAsync(plane, Math.Min(Storm, most), cancellationToken);
        }

        await plane.CheckPeersAsync(cancellationToken);
        Console.WriteLine($"load_average_1min={Progress.Load()}");
    }

    /// <summary>Each stream is a file of the load and one of the backend.</summary>
    private static void RequireFiles()
    {
        var fields = File.ReadLines("/proc/self/limits").First(static line => line.StartsWith("Max open files", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (long.TryParse(fields[3], NumberStyles.None, CultureInfo.InvariantCulture, out var files) && files < LeastFiles)
        {
            throw new LabException($"A process may have {files} files open; 10,000 streams take {LeastFiles}. Run this after 'ulimit -n 20000'.");
        }
    }
}
