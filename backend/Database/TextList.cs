using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Elysium.Backend.Database;

/// <summary>A list of DNS labels as one text, separated by spaces: no engine's array type, and readable in any SQL shell.</summary>
internal sealed class TextList() : ValueConverter<string[], string>(
    list => string.Join(' ', list),
    text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
{
    internal sealed class Comparer() : ValueComparer<string[]>(
        (a, b) => a == b || (a != null && b != null && a.SequenceEqual(b)),
        list => list.Length,
        list => list.ToArray());
}
