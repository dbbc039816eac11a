namespace Elysium.Contracts;

/// <summary>
/// <c>POST /v1/enroll</c>, with <c>Authorization: Bearer ely…</c> carrying the enrollment secret (see <see cref="JoinCode"/>).
/// Sent again with the same certificate key under the same token, it gives the same peer.
/// </summary>
/// <param name="Name">The machine's name in the network: a DNS label.</param>
/// <param name="WireGuardPublicKey">Base64 of 32 bytes.</param>
/// <param name="CertificateRequest">PKCS#10, PEM, ECDSA P-256, signed by its own key; its subject is ignored.</param>
public sealed record EnrollRequest(string Name, string WireGuardPublicKey, string CertificateRequest);

/// <summary>What an enrolled machine needs to run.</summary>
/// <param name="Certificate">The client certificate and the issuing CA's, PEM, leaf first.</param>
/// <param name="Trust">The CA certificates from now on.</param>
/// <param name="Map">The first map: the network, the peer itself and the hubs, with <c>version</c> 0 and no other peers, however many there are.
/// The event stream, opened with that version, begins with the whole map.</param>
public sealed record EnrollResponse(string Certificate, TrustBundle Trust, NetworkMap Map);

/// <summary><c>GET /v1/trust</c>: the CA certificates, unauthenticated. A joining machine keeps only the root that its join code pins.</summary>
/// <param name="TrustDomain">The SPIFFE trust domain of this installation.</param>
/// <param name="Roots">Root certificates, PEM each.</param>
public sealed record TrustBundle(string TrustDomain, IReadOnlyList<string> Roots);

/// <summary><c>POST /v1/self/certificate</c>: a new certificate for the same peer.</summary>
/// <param name="CertificateRequest">PKCS#10, PEM. With an expired certificate it must be signed by the key that this certificate has.</param>
public sealed record RenewRequest(string CertificateRequest);

/// <summary>The renewed certificate.</summary>
/// <param name="Certificate">The client certificate and the issuing CA's, PEM, leaf first.</param>
/// <param name="Trust">The CA certificates from now on.</param>
public sealed record RenewResponse(string Certificate, TrustBundle Trust);
