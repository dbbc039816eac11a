using System.Security.Cryptography;

namespace Elysium.Client.State;

/// <summary>
/// The keys of an enrolment under way. They are on disk before the first request, so that a machine killed at any moment asks again
/// with the same keys and is given the same peer.
/// </summary>
internal sealed class PendingIdentity
{
    private PendingIdentity(string folder, PrivateKey wireGuardKey, string identityKey)
    {
        Folder = folder;
        WireGuardKey = wireGuardKey;
        IdentityKey = identityKey;
    }

    public string Folder { get; }

    public PrivateKey WireGuardKey { get; }

    /// <summary>ECDSA P-256, PKCS#8, PEM.</summary>
    public string IdentityKey { get; }

    public static PendingIdentity OpenOrCreate(string folder)
    {
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder, AtomicFile.OwnerOnlyDirectory);
            Durability.SyncDirectory(Path.GetDirectoryName(folder)!);
        }

        var wireGuardFile = Path.Combine(folder, NetworkState.WireGuardKeyFile);
        if (!PrivateKey.TryParse(AtomicFile.ReadText(wireGuardFile), out var wireGuardKey))
        {
            wireGuardKey = PrivateKey.Generate();
            AtomicFile.Write(wireGuardFile, wireGuardKey.ToBase64());
        }

        var identityFile = Path.Combine(folder, NetworkState.IdentityKeyFile);
        var identityKey = AtomicFile.ReadText(identityFile);
        if (identityKey is null)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            identityKey = key.ExportPkcs8PrivateKeyPem();
            AtomicFile.Write(identityFile, identityKey);
        }

        return new PendingIdentity(folder, wireGuardKey, identityKey);
    }

    /// <summary>Adds what the backend answered; <see cref="StateDirectory.Adopt"/> then makes it the network's.</summary>
    public void Complete(NetworkRecord record, EnrollResponse answer, DateTimeOffset now)
    {
        AtomicFile.Write(Path.Combine(Folder, NetworkState.CertificateFile), answer.Certificate);
        AtomicFile.WriteJson(Path.Combine(Folder, NetworkState.TrustFile), answer.Trust, ElysiumJson.Default.TrustBundle);
        AtomicFile.WriteJson(Path.Combine(Folder, NetworkState.MapFile), new CachedMap(answer.Map, now), ClientJson.Default.CachedMap);
        AtomicFile.WriteJson(Path.Combine(Folder, NetworkState.RecordFile), record, ClientJson.Default.NetworkRecord);
    }
}
