namespace Elysium.Client.Backend;

/// <summary>From a pin to a trust: reads <c>/v1/trust</c> from whoever answers and keeps only what the pin means.</summary>
internal static class PinnedTrust
{
    public static async Task<(BackendTrust? Trust, Failure? Failure)> FetchAsync(
        Uri url,
        ReadOnlyMemory<byte> pin,
        TimeProvider time,
        CancellationToken cancellation)
    {
        using var connection = BackendConnection.Unverified(url, time);
        if (!(await connection.GetTrustAsync(cancellation)).Is(out var bundle, out var failure))
        {
            return (null, failure);
        }

        return BackendTrust.TrySelect(bundle, pin, time, out var trust, out var error)
            ? (trust, null)
            : (null, new Untrusted($"{url.Authority} is not the backend that is meant: {char.ToLowerInvariant(error[0])}{error[1..].TrimEnd('.')}"));
    }
}
