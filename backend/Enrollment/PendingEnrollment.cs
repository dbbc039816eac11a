using Elysium.Backend.Hosting;
using Elysium.Backend.Networks;
using Elysium.Backend.Peers;
using Elysium.Backend.Pki;

namespace Elysium.Backend.Enrollment;

/// <summary>
/// A machine that waits to be written into its network: all that needs no lock is done. Who gave up waiting before it was taken is left
/// out; afterwards it is a peer whether anybody waits or not, and asking again finds it.
/// </summary>
internal sealed class PendingEnrollment(
    Network network,
    EnrollmentToken token,
    Application application,
    Guid peerId,
    IssuedCertificate certificate,
    CancellationToken abandoned)
{
    private readonly TaskCompletionSource<Outcome<Peer>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Network Network => network;

    public EnrollmentToken Token => token;

    public string Name => application.Name;

    public byte[] WireGuardKey { get; } = application.WireGuardKey.ToArray();

    public byte[] KeyHash => application.Request.KeyHash;

    /// <summary>Whom the certificate names.</summary>
    public Guid PeerId => peerId;

    public IssuedCertificate Certificate => certificate;

    public bool IsAbandoned => abandoned.IsCancellationRequested;

    /// <summary>
    /// The peer that the machine is now. Its id is another than <see cref="PeerId"/> when the same machine got in at the same time by
    /// another request: nothing was written then.
    /// </summary>
    public Task<Outcome<Peer>> Answer => _answer.Task.WaitAsync(abandoned);

    public void Tell(Outcome<Peer> outcome) => _answer.TrySetResult(outcome);

    public void Fail(Exception exception) => _answer.TrySetException(exception);
}
