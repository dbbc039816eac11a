using System.Net;
using Elysium.Backend.Database;
using Elysium.Linux;

namespace Elysium.Backend.Hosting;

/// <summary>The settings, read and checked. <see cref="Settings"/> says where each comes from.</summary>
internal sealed record BackendOptions
{
    public required string DataDirectory { get; init; }

    /// <summary>The file with the sealing keys; null: the one in the data folder, which is made on the first start.</summary>
    public string? SealingKeyFile { get; init; }

    public string SealingKeyPath => SealingKeyFile ?? Path.Combine(DataDirectory, "sealing.key");

    public required IPEndPoint Listen { get; init; }

    /// <summary>Where machines reach this backend; goes into every join code.</summary>
    public required Uri PublicUrl { get; init; }

    /// <summary>Where machines reach the hub's UDP ports, best first: DNS names and addresses, IPv6 ones without brackets.</summary>
    public required IReadOnlyList<string> HubHosts { get; init; }

    public required string TrustDomain { get; init; }

    public required TimeSpan CertificateLifetime { get; init; }

    /// <summary>How long after its end a certificate can still be renewed.</summary>
    public required TimeSpan RenewalGrace { get; init; }

    /// <summary>How long a released address rests before another peer gets it.</summary>
    public required TimeSpan AddressQuarantine { get; init; }

    public required LogLevel LogLevel { get; init; }

    /// <summary>What runs the hub's devices.</summary>
    public required EngineChoice WireGuard { get; init; }

    /// <summary>The userspace engine: a path, or a name to look up in PATH.</summary>
    public required string WireGuardGo { get; init; }

    /// <summary>PostgreSQL; null: SQLite, in the data folder.</summary>
    public DatabaseOptions? Database { get; init; }

    /// <summary>The hub's interfaces, by the engine that was chosen, with notes and logs in a folder.</summary>
    public InterfaceReconciler Reconciler(string directory, TimeProvider time) =>
        new(WireGuardEngine.Choose(WireGuard, directory, time, WireGuardGo), directory, time);
}
