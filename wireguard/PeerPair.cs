namespace Elysium.WireGuard;

/// <summary>A peer as it should be, beside what it is.</summary>
/// <param name="Place">Its place in the specification.</param>
/// <param name="Desired">What it should be.</param>
/// <param name="Actual">What it is; null is new.</param>
/// <param name="SamePrefixes">Whether its prefixes are what they should be already.</param>
internal readonly record struct PeerPair(int Place, PeerSpec Desired, Peer? Actual, bool SamePrefixes);
