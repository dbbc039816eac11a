using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Elysium.Lab;

/// <summary>The process that made a lab: its id and, because ids are used again, when it was started (clock ticks since boot, proc(5)).</summary>
public sealed record Owner(int Pid, long Started)
{
    /// <summary>This process.</summary>
    public static Owner Current { get; } =
        new(Environment.ProcessId, StartOf(Environment.ProcessId) ?? throw new InvalidOperationException("/proc/self/stat cannot be read."));

    /// <summary>Whether that very process still runs.</summary>
    public bool IsAlive => StartOf(Pid) == Started;

    /// <summary>As it stands in names.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Pid}.{Started}");

    /// <summary>Reads <see cref="ToString"/> back.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Owner? owner)
    {
        owner = text.Split('.') is [var pid, var started]
            && int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var p)
            && long.TryParse(started, NumberStyles.None, CultureInfo.InvariantCulture, out var s)
            ? new Owner(p, s)
            : null;
        return owner is not null;
    }

    private static long? StartOf(int pid)
    {
        string stat;
        try
        {
            stat = File.ReadAllText($"/proc/{pid}/stat");
        }
        catch (IOException)
        {
            return null;
        }

        // Field 22; counted from after the name, which stands in brackets and may hold anything.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields[0] == "Z" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
    }
}
