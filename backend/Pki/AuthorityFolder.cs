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

    /// <summary>Nothing is there, or an empty folder, as a mounted volume is, or one that <see cref="Make"/> was filling when it was killed.</summary>
    public bool IsEmpty => !Directory.Exists(path) || !HasRoot && Unfinished.HasRoot
        || Directory.EnumerateFileSystemEntries(path).All(static entry => System.IO.Path.GetFileName(entry) == "lost+found");

    public bool HasRoot => File.Exists(RootCertificate);

    public bool HasIssuingKey => File.Exists(IssuingKey);

    private AuthorityFolder Unfinished => new(path + ".new");

    private string RootCertificate => System.IO.Path.Combine(path, "root.pem");

    private string RootKey => System.IO.Path.Combine(path, "root.key");

    private string RootPin => System.IO.Path.Combine(path, "root.pin");

    private string IssuingCertificate => System.IO.Path.Combine(path, "issuing.pem");

    private string IssuingKey => System.IO.Path.Combine(path, "issuing.key");

    /// <summary>Makes a CA in the folder, which must be empty: all of it, or nothing.</summary>
    public void Make(string trustDomain, DateTimeOffset now)
    {
        var unfinished = Unfinished;
        if (!unfinished.HasRoot)
        {
            unfinished.Fill(trustDomain, now);
        }

        if (!Directory.Exists(path))
        {
            Directory.Move(unfinished.Path, path);
            Durability.SyncDirectory(System.IO.Path.GetDirectoryName(path)!);
            return;
        }

        // A mounted folder can be neither replaced nor moved into. The root's certificate is last: where it is, the rest is.
        foreach (var file in (string[])[RootKey, RootPin, IssuingCertificate, IssuingKey, RootCertificate])
        {
            DataDirectory.WriteSecret(file, File.ReadAllBytes(System.IO.Path.Combine(unfinished.Path, System.IO.Path.GetFileName(file))));
        }

        unfinished.Delete();
    }

    private void Fill(string trustDomain, DateTimeOffset now)
    {
        Delete();
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = AuthorityPair.Make(trustDomain, rootKey, now);
        using var issuingKey = made.Issuing.GetECDsaPrivateKey()!;
        CreateFolder();
        Write(RootKey, rootKey.ExportPkcs8PrivateKeyPem());
        Write(IssuingCertificate, made.Issuing.ExportCertificatePem());
        Write(IssuingKey, issuingKey.ExportPkcs8PrivateKeyPem());
        WriteRoot(made.Root);
    }

    private void Delete()
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
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
        CreateFolder();
        Write(RootPin, Convert.ToHexStringLower(AuthorityPair.PinOf(root)) + "\n");
        Write(RootCertificate, root.ExportCertificatePem());
    }

    /// <summary>The database has it, sealed.</summary>
    public void ForgetIssuingKey()
    {
        Unfinished.Delete();
        File.Delete(IssuingKey);
        Durability.SyncDirectory(path);
    }

    private void CreateFolder() => Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    private static void Write(string file, string text) => DataDirectory.WriteSecret(file, Encoding.ASCII.GetBytes(text));
}
