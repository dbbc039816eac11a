using Elysium.Client.State;

namespace Elysium.Client.Administration;

/// <summary>Whom an operator administers, and with which right: made by <c>elysium login</c>, readable by its owner only.</summary>
/// <param name="Url">Base URL of the backend.</param>
/// <param name="Trust">Its root certificates.</param>
/// <param name="Token">The API token, <c>elya_…</c>: a secret.</param>
internal sealed record Profile(Uri Url, TrustBundle Trust, string Token)
{
    /// <summary>Shows where it leads, never the token.</summary>
    public override string ToString() => $"Profile of {Url.Authority}";

    public static string PathIn(Func<string, string?> environment)
    {
        var configuration = environment("XDG_CONFIG_HOME") is { Length: > 0 } xdg ? xdg : Path.Combine(environment("HOME") ?? "/root", ".config");
        return Path.Combine(configuration, "elysium", "profile.json");
    }

    public static Profile? Read(Func<string, string?> environment) => AtomicFile.ReadJson(PathIn(environment), ClientJson.Default.Profile);

    public void Write(Func<string, string?> environment)
    {
        var path = PathIn(environment);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, AtomicFile.OwnerOnlyDirectory);
        AtomicFile.WriteJson(path, this, ClientJson.Default.Profile);
    }
}
