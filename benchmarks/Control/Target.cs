using System.Net;
using System.Net.Security;

namespace Elysium.Benchmarks.Control;

/// <summary>Whom the machines connect to, and by which root they know it.</summary>
internal sealed class Target(Uri url, PinnedTrust trust)
{
    public IPEndPoint Endpoint { get; } = new(IPAddress.Parse(url.Host), url.Port);

    public string Authority => url.Authority;

    /// <summary>Resumes no earlier session: every machine is a stranger.</summary>
    public SslClientAuthenticationOptions TlsOptions(SslStreamCertificateContext? identity)
    {
        var options = trust.TlsOptions();
        options.TargetHost = url.Host;
        options.ApplicationProtocols = [SslApplicationProtocol.Http2];
        options.ClientCertificateContext = identity;
        return options;
    }
}
