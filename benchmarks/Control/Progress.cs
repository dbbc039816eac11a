using System.Globalization;

namespace Elysium.Benchmarks.Control;

/// <summary>Says on standard error what is under way, and how busy the machine is besides.</summary>
internal static class Progress
{
    private static readonly long Start = TimeProvider.System.GetTimestamp();

    public static void Say(string what) =>
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"[{TimeProvider.System.GetElapsedTime(Start).TotalSeconds,5:0.0} s, load {Load()}] {what}…"));

    /// <summary>The average of the last minute.</summary>
    public static string Load() => File.ReadAllText("/proc/loadavg").Split(' ')[0];
}
