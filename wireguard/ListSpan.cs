using System.Runtime.InteropServices;

namespace Elysium.WireGuard;

/// <summary>Long lists as spans: a call through the interface for every peer is most of what comparing two devices would cost.</summary>
internal static class ListSpan
{
    /// <summary>The elements; copied where the list is neither an array nor a <see cref="List{T}"/>.</summary>
    public static ReadOnlySpan<T> AsSpan<T>(this IReadOnlyList<T> list) => list switch
    {
        T[] array => array,
        List<T> items => CollectionsMarshal.AsSpan(items),
        _ => list.ToArray(),
    };
}
