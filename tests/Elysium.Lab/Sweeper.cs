using Elysium.Lab.Postgres;

namespace Elysium.Lab;

/// <summary>Removes what labs and servers left behind whose process was killed. A lab that is in use, or that was kept on purpose, stays.</summary>
public static class Sweeper
{
    private const string KeptMark = "kept";

    /// <summary>Removes the remains of dead labs, and of PostgreSQL servers.</summary>
    /// <param name="kept">Whether those that were kept go too.</param>
    /// <returns>The labs that were removed.</returns>
    public static async Task<IReadOnlyList<LabName>> SweepAsync(bool kept = false)
    {
        await PostgresRemains.SweepAsync();
        var removed = new List<LabName>();
        foreach (var lab in Remains.Labs())
        {
            if (!lab.Owner.IsAlive && (kept || !File.Exists(Mark(lab))))
            {
                await Remains.RemoveAsync(lab);
                removed.Add(lab);
            }
        }

        return removed;
    }

    /// <summary>Marks a lab as one that outlives its process.</summary>
    internal static void Keep(LabName lab) => File.WriteAllText(Mark(lab), "");

    private static string Mark(LabName lab) => Path.Combine(Remains.FolderOf(lab), KeptMark);
}
