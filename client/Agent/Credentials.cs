using System.Security.Cryptography;
using Elysium.Client.Backend;
using Elysium.Client.State;

namespace Elysium.Client.Agent;

/// <summary>Whom the agent trusts and what it shows, swapped as one by a renewal.</summary>
internal sealed record Credential(BackendTrust Trust, ClientIdentity Identity);

/// <summary>The credential in use, and a token that ends with it so that connections made with it make room.</summary>
internal sealed class Credentials(NetworkState state, TimeProvider time)
{
    private volatile Credential _current = Read(state.ReadTrust(), state.ReadCertificate(), state.ReadIdentityKey(), time);
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
            next = Read(renewal.Trust, renewal.Certificate, state.ReadIdentityKey(), time);
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

    private static Credential Read(TrustBundle bundle, string certificate, string key, TimeProvider time) =>
        BackendTrust.TryRead(bundle, time, out var trust, out var error)
            ? new Credential(trust, ClientIdentity.Read(certificate, key))
            : throw new InvalidDataException(error);
}
