using Elysium.WireGuard;

namespace Elysium.Linux;

/// <summary>What one pass over an interface did.</summary>
/// <param name="Changes">Every change, a short sentence each; empty when nothing differed. No secrets.</param>
/// <param name="Problems">What could not be made as it should be though the interface works, a sentence each: a route that another
/// link holds, a kernel parameter that is read-only.</param>
/// <param name="Device">The device afterwards.</param>
public sealed record ReconcileReport(IReadOnlyList<string> Changes, IReadOnlyList<string> Problems, Device Device)
{
    /// <summary>Whether anything was changed.</summary>
    public bool Changed => Changes.Count > 0;
}
