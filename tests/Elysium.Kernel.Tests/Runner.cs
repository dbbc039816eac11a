using System.Globalization;

namespace Elysium.Kernel.Tests;

/// <summary>
/// Runs tests one after the other and says a line for each, for scripts/guest.sh to read: how many there are, then <c>passed NAME</c> or
/// <c>failed NAME: why</c>. A guest that stops on the way has said too few.
/// </summary>
internal static class Runner
{
    public static int Run(IReadOnlyList<Check> checks)
    {
        Say($"tests: {checks.Count}");
        return checks.Count(check => !Passes(check)) == 0 ? 0 : 1;
    }

    private static bool Passes(Check check)
    {
        var name = check.Name.Replace('_', ' ');
        var started = TimeProvider.System.GetTimestamp();
        try
        {
            check.Run();
            Say($"passed {name} ({TimeProvider.System.GetElapsedTime(started).TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)} s)");
            return true;
        }
        catch (Exception exception)
        {
            Say($"failed {name}: {(exception is ExpectationException ? exception.Message : exception.ToString())}");
            return false;
        }
    }

    private static void Say(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }
}
