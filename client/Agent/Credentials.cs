using System.Security.Cryptography;
using Elysium.Client.Backend;
using Elysium.Client.State;

namespace Elysium.Client.Agent;

/// <summary>Whom the agent trusts and what it shows, swapped as one by a renewal.</summary>
/// <param name="Trust">Whose servers are the backend.</param>
/// <param name="Identity">Certificate and key.</param>
/// <param name="ReceivedAt">When the certificate came.</param>
internal sealed record Credential(BackendTrust Trust, ClientIdentity Identity, DateTimeOffset ReceivedAt);

/// <summary>The credential in use, and a token that ends with it so that connections made with it make room.</summary>
internal sealed class Credentials(NetworkState state, TimeProvider time)
{
    private volatile Credential _current = Read(state.ReadTrust(), state.ReadCertificate(), state.ReadIdentityKey(), state.CertificateReceivedAt, time);
    private CancellationTokenSource _replaced = new();

    public Credential Current => _current;

    /// <summary>Cancelled when <see cref="Current"/> is another one.</summary>
    public CancellationToken Replaced => _replaced.Token;

    /// <summary>Takes a renewal over, to disk first; refuses one that this machine could not use.</summary>
    public Failure? Take(RenewResponse renewal)
    {
        Credential next;
        try
        {
            next = Read(renewal.Trust, renewal.Certificate, state.ReadIdentityKey(), time.GetUtcNow(), time);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or InvalidDataException)
        {
            return new Unreachable($"the backend's renewal cannot be used: {e.Message}");
        }

        try
        {
            state.WriteRenewal(renewal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new LocalTrouble($"cannot keep the new certificate: {e.Message}");
        }

        _current = next;
        Interlocked.Exchange(ref _replaced, new CancellationTokenSource()).Cancel();
        return null;
    }

    private static Credential Read(TrustBundle bundle, string certificate, string key, DateTimeOffset receivedAt, TimeProvider time) =>
        BackendTrust.TryRead(bundle, time, out var trust, out var error)
            ? new Credential(trust, ClientIdentity.Read(certificate, key), receivedAt)
            : throw new InvalidDataException(error);
}
