using System.Globalization;
using System.Text.RegularExpressions;

namespace Elysium.Lab.Pinging;

/// <summary>What <c>ping -n</c> of iputils printed.</summary>
/// <param name="Sent">How many requests it sent.</param>
/// <param name="Answered">The sequence numbers that were answered, each once, in order.</param>
public sealed partial record PingTrace(int Sent, IReadOnlyList<int> Answered)
{
    /// <summary>
    /// The requests without an answer. The last one does not count if it is the only one missing at the end: ping was
    /// stopped while it was on its way.
    /// </summary>
    public IReadOnlyList<int> Lost
    {
        get
        {
            var missing = Enumerable.Range(1, Sent).Except(Answered).ToList();
            if (missing.Count > 0 && missing[^1] == Sent && !missing.Contains(Sent - 1))
            {
                missing.RemoveAt(missing.Count - 1);
            }

            return missing;
        }
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="LabException">There is no summary: ping did not end as it should.</exception>
    public static PingTrace Parse(string output)
    {
        var summary = Summary().Match(output);
        return summary.Success
            ? new PingTrace(
                Number(summary.Groups[1].Value),
                [.. Answer().Matches(output).Select(static match => Number(match.Groups[1].Value)).Distinct().Order()])
            : throw new LabException($"ping printed no summary:\n{output}");
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(\d+) packets transmitted", RegexOptions.Multiline)]
    private static partial Regex Summary();

    [GeneratedRegex(@"^\d+ bytes from .*icmp_seq=(\d+) ", RegexOptions.Multiline)]
    private static partial Regex Answer();
}
