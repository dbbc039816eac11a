using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Pki;

/// <summary>
/// Finds the installation's CA at the start of a backend. It stands in the database, its issuing key sealed, so that every backend signs with it.
/// An empty database takes it from <c>pki/</c> in the data folder: what version 0.1.0 or a set-up left there, or what is made there first.
/// The caller keeps other backends from doing the same at once.
/// </summary>
internal static class InstalledAuthority
{
    // The same for everybody: should two take a CA at once after all, the second breaks the key, and there are not two CAs.
    private static readonly Guid FirstRoot = new("01900000-0000-7000-8000-000000000001");
    private static readonly Guid FirstIssuing = new("01900000-0000-7000-8000-000000000002");

    public static async Task<Outcome<CertificateAuthority>> OpenAsync(
        ElysiumDatabase database,
        KeySealer sealer,
        string pki,
        BackendOptions options,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var folder = new AuthorityFolder(pki);
        var stored = await database.Authorities.AsNoTracking().ToListAsync(cancellationToken);
        Outcome<AuthorityPair> opened;
        try
        {
            opened = stored.Count > 0
                ? Use(stored, sealer, folder, options.TrustDomain)
                : await TakeAsync(database, sealer, folder, options.TrustDomain, time.GetUtcNow(), cancellationToken);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            if (stored.Count == 0 && (folder.IsEmpty || !folder.HasRoot && e is not FileNotFoundException))
            {
                return Refused($"A CA cannot be made in {folder.Path}: {e.Message}");
            }

            return Refused($"The CA in {folder.Path} cannot be used: {e.Message} Restore the folder from a backup; every machine trusts this CA.");
        }

        return opened.Refusal is { } refusal ? refusal : new CertificateAuthority(options.TrustDomain, opened.Value, options.CertificateLifetime);
    }

    private static Outcome<AuthorityPair> Use(List<StoredAuthority> stored, KeySealer sealer, AuthorityFolder folder, string trustDomain)
    {
        if (stored is not [_, _]
            || stored.Find(a => a.Role == AuthorityRole.Root) is not { } root
            || stored.Find(a => a.Role == AuthorityRole.Issuing) is not { PrivateKeySealed: { } blob } issuing)
        {
            return Refused("The CA in the database is not one root and one issuing CA with its key: it is damaged, or of a newer version of elysium-backend.");
        }

        AuthorityPair pair;
        try
        {
            pair = Open(root, issuing, sealer.Open(blob, issuing.Id));
        }
        catch (CryptographicException e)
        {
            return Refused($"The issuing CA's key in the database cannot be used: {e.Message}.");
        }

        if (pair.Problem(trustDomain) is { } problem)
        {
            return Refused($"The CA in the database cannot be used: {problem}");
        }

        if (!folder.HasRoot)
        {
            folder.WriteRoot(pair.Root);
        }
        else
        {
            using var other = folder.ReadRoot();
            if (!AuthorityPair.PinOf(other).AsSpan().SequenceEqual(pair.Pin))
            {
                return Refused(
                    $"The CA in {folder.Path} (pin {Convert.ToHexStringLower(AuthorityPair.PinOf(other))}) is not the one in the database (pin {Convert.ToHexStringLower(pair.Pin)}): "
                    + "this data folder and this database are of two installations. Use the database that belongs to the folder, or an empty ELYSIUM_DATA_DIR.");
            }
        }

        return FinishTaking(pair, folder) ?? (Outcome<AuthorityPair>)pair;
    }

    /// <summary>The last step of taking a CA from the folder, also when the one who took it died before it.</summary>
    private static Refusal? FinishTaking(AuthorityPair pair, AuthorityFolder folder)
    {
        if (!folder.HasIssuingKey)
        {
            return null;
        }

        using var key = folder.ReadIssuingKey();
        using var ours = pair.Issuing.GetECDsaPublicKey()!;
        if (!key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(ours.ExportSubjectPublicKeyInfo()))
        {
            return Refused($"The issuing.key in {folder.Path} is not that of the issuing CA in the database, which is the one that is used. Move it away.");
        }

        folder.ForgetIssuingKey();
        return null;
    }

    private static async Task<Outcome<AuthorityPair>> TakeAsync(
        ElysiumDatabase database,
        KeySealer sealer,
        AuthorityFolder folder,
        string trustDomain,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (folder.IsEmpty)
        {
            folder.Make(trustDomain, now);
        }
        else if (folder.HasRoot && !folder.HasIssuingKey)
        {
            return Refused(
                $"The database holds no CA, and {folder.Path} has one without its issuing.key, which a database took over: this is not that database. "
                + "Use the one that belongs to the folder ('elysium-backend import' moves one), or begin anew with an empty ELYSIUM_DATA_DIR.");
        }

        var pair = folder.Read();
        if (pair.Problem(trustDomain) is { } problem)
        {
            return Refused($"The CA in {folder.Path} cannot be used: {problem}");
        }

        using var key = pair.Issuing.GetECDsaPrivateKey()!;
        var secret = key.ExportPkcs8PrivateKey();
        database.Authorities.Add(new StoredAuthority { Id = FirstRoot, Role = AuthorityRole.Root, Certificate = pair.Root.RawData, CreatedAt = now });
        database.Authorities.Add(new StoredAuthority
        {
            Id = FirstIssuing,
            Role = AuthorityRole.Issuing,
            Certificate = pair.Issuing.RawData,
            PrivateKeySealed = sealer.Seal(secret, FirstIssuing),
            CreatedAt = now,
        });
        CryptographicOperations.ZeroMemory(secret);
        await database.SaveChangesAsync(cancellationToken);

        // Only after the commit. Whoever dies here leaves it to the next start.
        folder.ForgetIssuingKey();
        return pair;
    }

    /// <exception cref="CryptographicException">What is stored is no certificate or no key, or they do not belong together.</exception>
    private static AuthorityPair Open(StoredAuthority root, StoredAuthority issuing, byte[] secret)
    {
        using var certificate = X509CertificateLoader.LoadCertificate(issuing.Certificate);
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(secret, out _);
        CryptographicOperations.ZeroMemory(secret);
        return AuthorityPair.Of(X509CertificateLoader.LoadCertificate(root.Certificate), certificate, key);
    }

    private static Refusal Refused(string detail) => new("pki", detail);
}
