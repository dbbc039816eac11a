using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Elysium.Client.State;

/// <summary>One joined network's folder: identity, certificate, trust, last map, and the marks that commands and agent leave each other.</summary>
internal sealed class NetworkState
{
    public const string RecordFile = "network.json";
    public const string WireGuardKeyFile = "wireguard.key";
    public const string IdentityKeyFile = "identity.key";
    public const string CertificateFile = "certificate.pem";
    public const string TrustFile = "trust.json";
    public const string MapFile = "map.json";

    private const string StatusFile = "status.json";
    private const string RevokedFile = "revoked.json";
    private const string LeftFile = "left";
    private const string LockFile = "lock";

    private NetworkState(string folder, NetworkRecord record)
    {
        Folder = folder;
        Record = record;
    }

    public string Folder { get; }

    public NetworkRecord Record { get; }

    /// <summary>Whether an agent serves this network now.</summary>
    public bool IsServed => FileLock.IsHeld(At(LockFile));

    /// <summary>Whether <c>leave</c> wants the agent to take the interface down.</summary>
    public bool IsLeft => File.Exists(At(LeftFile));

    /// <summary>When the certificate came: the file is written at no other time.</summary>
    public DateTimeOffset CertificateReceivedAt => File.GetLastWriteTimeUtc(At(CertificateFile));

    /// <summary>Null: there is no joined network in the folder.</summary>
    public static NetworkState? Open(string folder) =>
        AtomicFile.ReadJson(Path.Combine(folder, RecordFile), ClientJson.Default.NetworkRecord) is { } record
            ? new NetworkState(folder, record)
            : null;

    /// <summary>Null: another agent serves it.</summary>
    public FileLock? TryServe() => FileLock.TryTake(At(LockFile));

    /// <summary>The folder is the network's no longer: it was left, or left and joined anew. One that cannot be read has not gone.</summary>
    public bool IsGone()
    {
        try
        {
            return Open(Folder)?.Record != Record;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public PrivateKey ReadWireGuardKey() =>
        PrivateKey.TryParse(AtomicFile.ReadText(At(WireGuardKeyFile)), out var key)
            ? key
            : throw new InvalidDataException($"{At(WireGuardKeyFile)} is missing or holds no WireGuard key.");

    public string ReadIdentityKey() => Required(IdentityKeyFile);

    public string ReadCertificate() => Required(CertificateFile);

    public TrustBundle ReadTrust() =>
        AtomicFile.ReadJson(At(TrustFile), ElysiumJson.Default.TrustBundle) ?? throw new InvalidDataException($"{At(TrustFile)} is missing.");

    /// <summary>Null also when it is damaged, as a failing disk may leave it: the backend has it whole.</summary>
    public CachedMap? ReadMap() => ReadUnlessDamaged(MapFile, ClientJson.Default.CachedMap);

    /// <summary>Null also when it is damaged: it is not synced, so a power cut may leave it empty, and the next agent writes it anew.</summary>
    public AgentStatus? ReadStatus() => ReadUnlessDamaged(StatusFile, ClientJson.Default.AgentStatus);

    private T? ReadUnlessDamaged<T>(string file, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return AtomicFile.ReadJson(At(file), type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A word that is damaged was still the backend's last: the file is written for nothing else.</summary>
    public Revocation? ReadRevocation()
    {
        try
        {
            return AtomicFile.ReadJson(At(RevokedFile), ClientJson.Default.Revocation);
        }
        catch (JsonException)
        {
            return new Revocation("The backend's reason cannot be read any more.", File.GetLastWriteTimeUtc(At(RevokedFile)));
        }
    }

    public void WriteMap(CachedMap map) => AtomicFile.WriteJson(At(MapFile), map, ClientJson.Default.CachedMap);

    public void WriteStatus(AgentStatus status) => AtomicFile.WriteVolatileJson(At(StatusFile), status, ClientJson.Default.AgentStatus);

    public void WriteRevocation(Revocation revocation) => AtomicFile.WriteJson(At(RevokedFile), revocation, ClientJson.Default.Revocation);

    public void MarkLeft() => AtomicFile.Write(At(LeftFile), "");

    /// <summary>Trust first: a certificate of a new CA must never stand beside a bundle that does not know it.</summary>
    public void WriteRenewal(RenewResponse renewal)
    {
        AtomicFile.WriteJson(At(TrustFile), renewal.Trust, ElysiumJson.Default.TrustBundle);
        AtomicFile.Write(At(CertificateFile), renewal.Certificate);
    }

    private string Required(string file) => AtomicFile.ReadText(At(file)) ?? throw new InvalidDataException($"{At(file)} is missing.");

    private string At(string file) => Path.Combine(Folder, file);
}
