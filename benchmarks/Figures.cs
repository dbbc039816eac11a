using System.Globalization;

namespace Elysium.Benchmarks;

/// <summary>Percentiles, and the lines that are the result.</summary>
internal static class Figures
{
    /// <summary>The smallest value that at least this share of all does not exceed (nearest rank).</summary>
    public static double Percentile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }

    /// <summary>One line: <c>name=value</c>.</summary>
    public static void Print(string name, double value, string format = "0.0") =>
        Console.WriteLine($"{name}={value.ToString(format, CultureInfo.InvariantCulture)}");
}
