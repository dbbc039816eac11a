using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Elysium.Client.Backend;

/// <summary>
/// The roots of one installation, and the judgement whether a server is its backend: a chain to one of these roots and no other,
/// usage serverAuth, and the one URI <c>spiffe://{trust domain of the root itself}/backend</c>. DNS names are for browsers.
/// </summary>
internal sealed class BackendTrust
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly IReadOnlyList<X509Certificate2> _roots;
    private readonly TimeProvider _time;

    private BackendTrust(IReadOnlyList<X509Certificate2> roots, TimeProvider time)
    {
        _roots = roots;
        _time = time;
    }

    /// <summary>The roots, for a person to compare.</summary>
    public IReadOnlyList<string> Pins => [.. _roots.Select(static r => Convert.ToHexStringLower(PinOf(r)))];

    /// <summary>SHA-256 of the certificate's SubjectPublicKeyInfo.</summary>
    public static byte[] PinOf(X509Certificate2 certificate) => SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo());

    /// <summary>Takes a bundle that came over a verified connection, or from our own disk.</summary>
    public static bool TryRead(TrustBundle bundle, TimeProvider time, [NotNullWhen(true)] out BackendTrust? trust, [NotNullWhen(false)] out string? error) =>
        TryRead(bundle, static _ => true, "The backend named no root certificate.", time, out trust, out error);

    /// <summary>Takes of an unverified bundle only the root that the pin means.</summary>
    public static bool TrySelect(
        TrustBundle bundle,
        ReadOnlyMemory<byte> pin,
        TimeProvider time,
        [NotNullWhen(true)] out BackendTrust? trust,
        [NotNullWhen(false)] out string? error) =>
        TryRead(
            bundle,
            root => CryptographicOperations.FixedTimeEquals(PinOf(root), pin.Span),
            $"None of its root certificates has the pinned key (SHA-256 {Convert.ToHexStringLower(pin.Span)}).",
            time,
            out trust,
            out error);

    /// <summary>How a chain is checked: these roots alone, no revocation lists, no downloads (a certificate could name any URL).</summary>
    public X509ChainPolicy ChainPolicy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTime = _time.GetUtcNow().UtcDateTime,
        };
        policy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        policy.CustomTrustStore.AddRange(_roots.ToArray());
        return policy;
    }

    /// <summary>Null: it is the backend. Otherwise what is wrong with it.</summary>
    /// <param name="certificate">The server's.</param>
    /// <param name="sent">What else the server sent.</param>
    public string? Judge(X509Certificate2? certificate, X509Certificate2Collection sent)
    {
        if (certificate is null)
        {
            return "it shows no certificate";
        }

        using var chain = new X509Chain { ChainPolicy = ChainPolicy() };
        chain.ChainPolicy.ExtraStore.AddRange(sent);
        if (!chain.Build(certificate))
        {
            var reasons = chain.ChainStatus.Select(static s => s.Status.ToString()).Distinct();
            return $"its certificate does not verify against the installation's root ({string.Join(", ", reasons)})";
        }

        var root = chain.ChainElements[^1].Certificate;
        if (CertificateUris.Of(root) is not [var identity] || !SpiffeId.TryParseTrustDomain(identity, out var trustDomain))
        {
            return "its root certificate names no trust domain";
        }

        return CertificateUris.Of(certificate) is [var name] && name == SpiffeId.Backend(trustDomain)
            ? null
            : $"its certificate is not the one of a backend ({SpiffeId.Backend(trustDomain)})";
    }

    private static bool TryRead(
        TrustBundle bundle,
        Func<X509Certificate2, bool> isWanted,
        string none,
        TimeProvider time,
        [NotNullWhen(true)] out BackendTrust? trust,
        [NotNullWhen(false)] out string? error)
    {
        trust = null;
        var roots = new List<X509Certificate2>();
        foreach (var pem in bundle.Roots)
        {
            X509Certificate2 root;
            try
            {
                root = X509Certificate2.CreateFromPem(pem);
            }
            catch (CryptographicException)
            {
                error = "One of its root certificates is malformed.";
                return false;
            }

            if (isWanted(root))
            {
                roots.Add(root);
            }
        }

        error = roots.Count == 0 ? none : null;
        trust = roots.Count == 0 ? null : new BackendTrust(roots, time);
        return trust is not null;
    }
}
