namespace Elysium.Backend.Maps;

/// <summary>What a network's streams can send at one moment, as one value: replaced as a whole, never changed.</summary>
/// <param name="Epoch">Changes when what was sent before counts for nothing: everybody starts over.</param>
/// <param name="Head">The newest version that the ring leads to.</param>
/// <param name="Ring">The latest changes, each from where the one before it ends.</param>
internal sealed record FeedState(long Epoch, long Head, ChangeFrame[] Ring)
{
    private const int MostFrames = 256;
    private const int MostBytes = 8 * 1024 * 1024;

    /// <summary>Whether the ring leads from a version to the head, or is not needed for that.</summary>
    public bool Covers(long version) => version >= Head || (Ring.Length > 0 && Ring[0].From <= version);

    /// <summary>Where in the ring begins what leads from a version that is covered to the head.</summary>
    public int FirstAfter(long version)
    {
        var first = Ring.Length;
        while (first > 0 && Ring[first - 1].To > version)
        {
            first--;
        }

        return first;
    }

    public FeedState With(ChangeFrame frame)
    {
        var kept = Ring.Length;
        var bytes = (long)frame.Length;
        var first = kept;
        while (first > 0 && kept - first + 1 < MostFrames && bytes + Ring[first - 1].Length <= MostBytes)
        {
            bytes += Ring[--first].Length;
        }

        return this with { Head = frame.To, Ring = [.. Ring.AsSpan(first), frame] };
    }
}
