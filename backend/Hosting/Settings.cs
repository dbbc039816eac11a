using System.Collections;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Elysium.Contracts;
using Elysium.Linux;

namespace Elysium.Backend.Hosting;

/// <summary>
/// Reads the settings from <c>.env</c> and the environment, which wins. Every problem is found before anything starts, and all
/// of them are told at once.
/// </summary>
internal static class Settings
{
    /// <summary>Every variable the backend knows, with its default (empty: worked out at start) and what it takes.</summary>
    public static readonly IReadOnlyList<Setting> All =
    [
        new("ELYSIUM_PUBLIC_URL", "", "an https URL with host and port only, not link-local, such as https://vpn.example.org:8080 or https://[2001:db8::1]:8080"),
        new("ELYSIUM_LISTEN", "[::]:8080", "an address and a TCP port, not link-local, such as 0.0.0.0:8080 or [::]:8080"),
        new("ELYSIUM_DATA_DIR", "/var/lib/elysium-backend", "an absolute path"),
        new("ELYSIUM_SEALING_KEY_FILE", "", "an absolute path"),
        new("ELYSIUM_HUB_HOST", "", "DNS names and IP addresses, best first, separated by commas, without ports and none link-local"),
        new("ELYSIUM_TRUST_DOMAIN", "elysium", "1 to 255 of a-z, 0-9, '.', '-' and '_'"),
        new("ELYSIUM_CERTIFICATE_LIFETIME", "7d", "a duration from 1m to 90d, such as 36h or 7d"),
        new("ELYSIUM_RENEWAL_GRACE", "30d", "a duration from 0s to 365d"),
        new("ELYSIUM_ADDRESS_QUARANTINE", "24h", "a duration from 0s to 365d"),
        new("ELYSIUM_LOG_LEVEL", "information", "one of trace, debug, information, warning, error"),
        new("ELYSIUM_WIREGUARD", "auto", "one of auto, kernel, userspace"),
        new("ELYSIUM_WIREGUARD_GO", "wireguard-go", "a path, or a name to find in PATH"),
        .. DatabaseSettings.All,
    ];

    /// <summary>Settings of this process: <c>.env</c> in the working directory, if there is one, under the environment.</summary>
    public static (BackendOptions? Options, IReadOnlyList<string> Problems) Read() =>
        Read(
            Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? ""),
            Path.Combine(Environment.CurrentDirectory, ".env"));

    public static (BackendOptions? Options, IReadOnlyList<string> Problems) Read(IReadOnlyDictionary<string, string> environment, string envFile)
    {
        var values = new SettingValues(All);
        values.TakeFile(envFile);
        values.TakeEnvironment(environment);
        var options = Parse(values);
        return values.Problems.Count == 0 ? (options, []) : (null, values.Problems);
    }

    private static BackendOptions Parse(SettingValues values)
    {
        var listen = values.Take("ELYSIUM_LISTEN", Endpoint, new IPEndPoint(IPAddress.IPv6Any, 8080));
        var url = values.Take("ELYSIUM_PUBLIC_URL", text => text.Length == 0 ? OwnUrl(listen) : BackendUrl(text), OwnUrl(listen));
        return new BackendOptions
        {
            Listen = listen,
            PublicUrl = url,
            HubHosts = values.Take<string[]>("ELYSIUM_HUB_HOST", text => text.Length == 0 ? [url.IdnHost] : HostNames(text), []),
            DataDirectory = values.Take("ELYSIUM_DATA_DIR", text => Path.IsPathFullyQualified(text) ? Path.TrimEndingDirectorySeparator(text) : null, ""),
            SealingKeyFile = values.Take("ELYSIUM_SEALING_KEY_FILE", text => text.Length == 0 || Path.IsPathFullyQualified(text) ? text : null, "") is { Length: > 0 } keys ? keys : null,
            TrustDomain = values.Take("ELYSIUM_TRUST_DOMAIN", text => SpiffeId.IsTrustDomain(text) ? text : null, ""),
            CertificateLifetime = values.Take("ELYSIUM_CERTIFICATE_LIFETIME", text => Duration(text, TimeSpan.FromMinutes(1), TimeSpan.FromDays(90))),
            RenewalGrace = values.Take("ELYSIUM_RENEWAL_GRACE", text => Duration(text, TimeSpan.Zero, TimeSpan.FromDays(365))),
            AddressQuarantine = values.Take("ELYSIUM_ADDRESS_QUARANTINE", text => Duration(text, TimeSpan.Zero, TimeSpan.FromDays(365))),
            LogLevel = values.Take("ELYSIUM_LOG_LEVEL", Level),
            WireGuard = values.Take("ELYSIUM_WIREGUARD", WireGuardEngine.Parse),
            WireGuardGo = values.Take("ELYSIUM_WIREGUARD_GO", text => text.Length > 0 ? text : null, ""),
            Database = DatabaseSettings.Parse(values),
        };
    }

    private static IPEndPoint? Endpoint(string text) =>
        text.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(text, out var endpoint) && endpoint.Port > 0 && !endpoint.Address.IsIPv6LinkLocal
            ? endpoint
            : null;

    private static Uri? BackendUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && JoinCode.IsBackendUrl(url) ? url : null;

    private static string[]? HostNames(string text)
    {
        var hosts = text.Split(',', StringSplitOptions.TrimEntries).Select(HostName).ToArray();
        return hosts.Contains(null) ? null : [.. hosts.OfType<string>().Distinct()];
    }

    /// <summary>A link-local address means another machine on every link, and its zone means nothing on another machine.</summary>
    private static string? HostName(string text)
    {
        var host = text is ['[', .. var inner, ']'] && inner.Contains(':', StringComparison.Ordinal) ? inner : text;
        return Uri.CheckHostName(host) switch
        {
            UriHostNameType.Dns => host,
            UriHostNameType.IPv4 or UriHostNameType.IPv6 => IPAddress.TryParse(host, out var address) && IsOneMachine(address) ? address.ToString() : null,
            _ => null,
        };
    }

    private static bool IsOneMachine(IPAddress address) =>
        !address.IsIPv6LinkLocal && !address.IsIPv6Multicast && !address.IsIPv4MappedToIPv6
        && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any) && !address.Equals(IPAddress.Broadcast);

    private static LogLevel? Level(string text) =>
        text is "trace" or "debug" or "information" or "warning" or "error" ? Enum.Parse<LogLevel>(text, ignoreCase: true) : null;

    private static TimeSpan? Duration(string text, TimeSpan least, TimeSpan most)
    {
        if (text.Length < 2 || !int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return null;
        }

        double? unit = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => null };
        return unit * count is { } seconds && seconds >= least.TotalSeconds && seconds <= most.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    /// <summary>Good enough to try the product: this machine's first IPv4 address that is not its loopback; without one, its first IPv6 address.</summary>
    private static Uri OwnUrl(IPEndPoint listen)
    {
        var own = listen.Address.Equals(IPAddress.Any) || listen.Address.Equals(IPAddress.IPv6Any)
            ? NetworkInterface.GetAllNetworkInterfaces()
                .Where(i => i.OperationalStatus == OperationalStatus.Up && i.NetworkInterfaceType != NetworkInterfaceType.Loopback)
                .SelectMany(i => i.GetIPProperties().UnicastAddresses)
                .Select(a => a.Address)
                .Where(a => !a.IsIPv6LinkLocal && (a.AddressFamily == AddressFamily.InterNetwork || !listen.Address.Equals(IPAddress.Any)))
                .OrderBy(a => a.AddressFamily)
                .FirstOrDefault() ?? IPAddress.Loopback
            : listen.Address;
        return new UriBuilder(Uri.UriSchemeHttps, own.ToString(), listen.Port).Uri;
    }
}

/// <summary>One variable: its name, its default (empty: worked out at start) and what it takes, for messages.</summary>
internal sealed record Setting(string Name, string Default, string Allowed);
