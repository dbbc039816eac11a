namespace Elysium.Lab.Postgres;

/// <summary>How a private server is to be. Without anything: on the loopback, with passwords, and as durable as a real one.</summary>
public sealed record PostgresOptions
{
    /// <summary>The host that it runs on, at the host's address and port 5432; null: this machine's loopback, at a free port.</summary>
    public LabHost? Host { get; init; }

    /// <summary>Its certificates: it then refuses whoever comes without TLS. Null: no TLS at all.</summary>
    public PostgresTls? Tls { get; init; }

    /// <summary>Whether a client shows a certificate whose common name is its role's name, and no password. Takes <see cref="Tls"/>.</summary>
    public bool ClientCertificates { get; init; }

    /// <summary>Whether a commit is on disk before it is answered.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>More settings of its own, such as <c>max_connections</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}
