using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Elysium.Lab.Postgres;

/// <summary>A CA of its own for a server and its clients.</summary>
public sealed class PostgresTls : IDisposable
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();
    private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _root;
    private string _folder = "";

    /// <summary>Makes the CA.</summary>
    public PostgresTls()
    {
        var request = new CertificateRequest("CN=lab", _rootKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _root = request.CreateSelfSigned(_now.AddDays(-1), _now.AddDays(30));
    }

    /// <summary>The CA's certificate: what a client trusts. Written when the server is made.</summary>
    public string RootFile => Path.Combine(_folder, "root.crt");

    internal string ServerFile => Path.Combine(_folder, "server.crt");

    internal string ServerKeyFile => Path.Combine(_folder, "server.key");

    /// <summary>A client's certificate and its key, made when they are asked for.</summary>
    public (string Certificate, string Key) ClientFiles(string role)
    {
        var (certificate, key) = (Path.Combine(_folder, $"client-{role}.crt"), Path.Combine(_folder, $"client-{role}.key"));
        if (!File.Exists(key))
        {
            Issue($"CN={role}", ClientUse, null, certificate, key);
        }

        return (certificate, key);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _root.Dispose();
        _rootKey.Dispose();
    }

    internal void Write(string folder, IPAddress address)
    {
        _folder = folder;
        File.WriteAllText(RootFile, _root.ExportCertificatePem());
        Issue("CN=postgres", ServerUse, address, ServerFile, ServerKeyFile);
    }

    private void Issue(string name, string use, IPAddress? address, string certificateFile, string keyFile)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_root, true, false));
        if (address is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(address);
            names.AddDnsName("localhost");
            request.CertificateExtensions.Add(names.Build());
        }

        using var certificate = request.Create(_root, _now.AddDays(-1), _now.AddDays(20), RandomNumberGenerator.GetBytes(16));
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        using var file = new FileStream(
            keyFile,
            new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        file.Write(System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
    }
}
