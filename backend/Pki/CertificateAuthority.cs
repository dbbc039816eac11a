using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Elysium.Backend.Hosting;
using Elysium.Contracts;

namespace Elysium.Backend.Pki;

/// <summary>
/// Root and issuing CA. On the embedded default the backend makes both on its first start and keeps their keys, 0600, in its data folder.
/// </summary>
internal sealed class CertificateAuthority : IDisposable
{
    private const string RootName = "root";
    private const string IssuingName = "issuing";

    private readonly X509Certificate2 _issuing;
    private readonly TimeSpan _clientLifetime;

    private CertificateAuthority(string trustDomain, X509Certificate2 root, X509Certificate2 issuing, TimeSpan clientLifetime)
    {
        TrustDomain = trustDomain;
        Root = root;
        _issuing = issuing;
        _clientLifetime = clientLifetime;
        Pin = SHA256.HashData(root.PublicKey.ExportSubjectPublicKeyInfo());
        Trust = new TrustBundle(trustDomain, [root.ExportCertificatePem()]);
    }

    public string TrustDomain { get; }

    public X509Certificate2 Root { get; }

    /// <summary>The issuing CA's certificate, for chains; its key stays in here.</summary>
    public X509Certificate2 Issuing => _issuing;

    /// <summary>SHA-256 of the root's SubjectPublicKeyInfo: what join codes carry.</summary>
    public ReadOnlyMemory<byte> Pin { get; }

    public TrustBundle Trust { get; }

    /// <summary>Reads the CA from the folder, or makes one there if there is none: all of it, or nothing.</summary>
    public static Outcome<CertificateAuthority> Open(string folder, string trustDomain, TimeSpan clientLifetime, TimeProvider time)
    {
        if (!Directory.Exists(folder))
        {
            Make(folder, trustDomain, time.GetUtcNow());
        }

        X509Certificate2 root, issuing;
        try
        {
            root = X509CertificateLoader.LoadCertificateFromFile(CertificatePath(folder, RootName));
            issuing = X509Certificate2.CreateFromPemFile(CertificatePath(folder, IssuingName), KeyPath(folder, IssuingName));
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return new Refusal("pki", $"The CA in {folder} cannot be read: {e.Message} Restore the folder from a backup; every machine trusts this CA.");
        }

        var uri = CertificateNames.Uri(root);
        if (!SpiffeId.TryParseTrustDomain(uri, out var made) || made != trustDomain)
        {
            return new Refusal("pki", $"ELYSIUM_TRUST_DOMAIN='{trustDomain}', but the CA in {folder} was made for '{uri}'. A trust domain cannot change: set it back.");
        }

        return new CertificateAuthority(trustDomain, root, issuing, clientLifetime);
    }

    /// <summary>Issues a client certificate for a key that its owner has proved.</summary>
    public X509Certificate2 IssueClient(Guid network, Guid peer, PublicKey key, DateTimeOffset now) =>
        CertificateProfiles.Client(TrustDomain, network, peer, key, _issuing, now, _clientLifetime);

    public X509Certificate2 IssueServer(ECDsa key, IEnumerable<string> hosts, DateTimeOffset now)
    {
        using var certificate = CertificateProfiles.Server(TrustDomain, key, _issuing, hosts, now);
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>The certificate with the issuing CA's behind it, as a peer stores and sends it.</summary>
    public string ChainPem(X509Certificate2 leaf) => $"{leaf.ExportCertificatePem()}\n{_issuing.ExportCertificatePem()}\n";

    public void Dispose()
    {
        Root.Dispose();
        _issuing.Dispose();
    }

    private static void Make(string folder, string trustDomain, DateTimeOffset now)
    {
        var unfinished = folder + ".new";
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        Directory.CreateDirectory(unfinished, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var root = CertificateProfiles.Root(trustDomain, rootKey, now);
        using var issuingKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issuing = CertificateProfiles.Issuing(trustDomain, issuingKey, root, now);

        Write(KeyPath(unfinished, RootName), rootKey.ExportPkcs8PrivateKeyPem());
        Write(CertificatePath(unfinished, RootName), root.ExportCertificatePem());
        Write(KeyPath(unfinished, IssuingName), issuingKey.ExportPkcs8PrivateKeyPem());
        Write(CertificatePath(unfinished, IssuingName), issuing.ExportCertificatePem());
        Write(Path.Combine(unfinished, "root.pin"), Convert.ToHexStringLower(SHA256.HashData(root.PublicKey.ExportSubjectPublicKeyInfo())) + "\n");
        Directory.Move(unfinished, folder);
    }

    private static string CertificatePath(string folder, string name) => Path.Combine(folder, name + ".pem");

    private static string KeyPath(string folder, string name) => Path.Combine(folder, name + ".key");

    private static void Write(string path, string text) => DataDirectory.WriteSecret(path, System.Text.Encoding.ASCII.GetBytes(text));
}
