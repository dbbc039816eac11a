using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Elysium.Lab;

/// <summary>
/// What a lab's namespaces and its folder are called: <c>ely-{pid}.{start}-{number}</c>, and <c>-{host}</c> behind it. The name
/// alone tells whose it is, so that what a killed process left can be found and removed.
/// </summary>
public sealed record LabName(Owner Owner, int Number)
{
    private const string Start = "ely-";

    /// <summary>The lab's own name.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Start}{Owner}-{Number}");

    /// <summary>The network namespace of one of its hosts.</summary>
    public string Namespace(string host) => $"{this}-{host}";

    /// <summary>Reads the name of a lab, or the lab's from that of one of its namespaces.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out LabName? name)
    {
        name = text.StartsWith(Start, StringComparison.Ordinal)
            && text[Start.Length..].Split('-', 3) is [var owner, var number, ..]
            && Owner.TryParse(owner, out var parsed)
            && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
            ? new LabName(parsed, n)
            : null;
        return name is not null;
    }
}
