namespace Elysium.Linux;

/// <summary>What <see cref="DefaultRouteScheme"/> did.</summary>
/// <param name="Changes">What it changed, in words; empty if all was as it should be.</param>
/// <param name="Problems">What it could not do, in words, and what that means.</param>
public sealed record DefaultRouteReport(IReadOnlyList<string> Changes, IReadOnlyList<string> Problems)
{
    /// <summary>Whether anything was changed.</summary>
    public bool Changed => Changes.Count > 0;
}
