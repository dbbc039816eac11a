using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Elysium.Backend.Hosting;
using Elysium.Linux;

namespace Elysium.Backend.Pki;

/// <summary>
/// <c>pki/</c> in the data folder: the root's certificate and pin for people; the root's key where this backend made it, which nothing reads while it
/// runs; and the issuing CA with its key only until the database has it.
/// </summary>
internal sealed class AuthorityFolder(string path)
{
    public string Path => path;

    /// <summary>Nothing is there, or an empty folder, as a mounted volume is.</summary>
    public bool IsEmpty => !Directory.Exists(path) || !Directory.EnumerateFileSystemEntries(path).Any();

    public bool HasRoot => File.Exists(RootCertificate);

    public bool HasIssuingKey => File.Exists(IssuingKey);

    private string RootCertificate => System.IO.Path.Combine(path, "root.pem");

    private string RootKey => System.IO.Path.Combine(path, "root.key");

    private string RootPin => System.IO.Path.Combine(path, "root.pin");

    private string IssuingCertificate => System.IO.Path.Combine(path, "issuing.pem");

    private string IssuingKey => System.IO.Path.Combine(path, "issuing.key");

    /// <summary>Makes a CA in the folder, which must be empty: all of it, or nothing.</summary>
    public void Make(string trustDomain, DateTimeOffset now)
    {
        var unfinished = new AuthorityFolder(path + ".new");
        if (Directory.Exists(unfinished.Path))
        {
            Directory.Delete(unfinished.Path, recursive: true);
        }

        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = AuthorityPair.Make(trustDomain, rootKey, now);
        using var issuingKey = made.Issuing.GetECDsaPrivateKey()!;
        unfinished.WriteRoot(made.Root);
        Write(unfinished.RootKey, rootKey.ExportPkcs8PrivateKeyPem());
        Write(unfinished.IssuingCertificate, made.Issuing.ExportCertificatePem());
        Write(unfinished.IssuingKey, issuingKey.ExportPkcs8PrivateKeyPem());
        if (Directory.Exists(path))
        {
            Directory.Delete(path);
        }

        Directory.Move(unfinished.Path, path);
        Durability.SyncDirectory(System.IO.Path.GetDirectoryName(path)!);
    }

    /// <exception cref="CryptographicException">A file is none, or they do not belong together.</exception>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    public AuthorityPair Read()
    {
        using var issuing = X509CertificateLoader.LoadCertificateFromFile(IssuingCertificate);
        using var key = ReadIssuingKey();
        return AuthorityPair.Of(ReadRoot(), issuing, key);
    }

    /// <exception cref="CryptographicException">The file is none.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public X509Certificate2 ReadRoot() => X509CertificateLoader.LoadCertificateFromFile(RootCertificate);

    /// <exception cref="CryptographicException">The file is none.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public ECDsa ReadIssuingKey()
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(IssuingKey));
            return key;
        }
        catch (ArgumentException)
        {
            throw new CryptographicException($"{IssuingKey} holds no private key in PEM.");
        }
    }

    /// <summary>Puts the root's certificate and its pin there.</summary>
    public void WriteRoot(X509Certificate2 root)
    {
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Write(RootPin, Convert.ToHexStringLower(AuthorityPair.PinOf(root)) + "\n");
        Write(RootCertificate, root.ExportCertificatePem());
    }

    /// <summary>The database has it, sealed.</summary>
    public void ForgetIssuingKey()
    {
        File.Delete(IssuingKey);
        Durability.SyncDirectory(path);
    }

    private static void Write(string file, string text) => DataDirectory.WriteSecret(file, Encoding.ASCII.GetBytes(text));
}
