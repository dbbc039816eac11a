using DotNetEnv;

namespace Elysium.Backend.Hosting;

/// <summary>What the environment and <c>.env</c> say, and every problem with it. Values of what may be a secret are in no problem.</summary>
internal sealed class SettingValues(IReadOnlyList<Setting> known)
{
    private static readonly string[] Prefixes = ["ELYSIUM_", "DB_"];

    /// <summary>What `elysium` reads: may stand in the same environment or file, and means nothing here.</summary>
    private static readonly string[] ClientNames = ["ELYSIUM_URL", "ELYSIUM_API_TOKEN", "ELYSIUM_CA_PIN", "ELYSIUM_STATE_DIR"];

    private readonly Dictionary<string, string> _values = [];
    private readonly List<string> _problems = [];

    public IReadOnlyList<string> Problems => _problems;

    public void TakeFile(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        List<KeyValuePair<string, string>> pairs;
        try
        {
            pairs = [.. Env.NoEnvVars().Load(path)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Sprache.ParseException or FormatException)
        {
            _problems.Add($"{path} cannot be read: {e.Message}");
            return;
        }

        foreach (var (name, value) in pairs)
        {
            if (known.Any(s => s.Name == name))
            {
                if (!_values.TryAdd(name, value))
                {
                    _problems.Add($"{name} stands in {path} more than once.");
                }
            }
            else if (!ClientNames.Contains(name))
            {
                _problems.Add(Unknown(name, value, $" in {path}"));
            }
        }
    }

    public void TakeEnvironment(IReadOnlyDictionary<string, string> environment)
    {
        foreach (var (name, value) in environment.Where(e => Prefixes.Any(p => e.Key.StartsWith(p, StringComparison.Ordinal))).OrderBy(e => e.Key))
        {
            if (known.Any(s => s.Name == name))
            {
                _values[name] = value;
            }
            else if (!ClientNames.Contains(name))
            {
                _problems.Add(Unknown(name, value, " in the environment"));
            }
        }
    }

    /// <summary>Whether it says something: an empty value is as none.</summary>
    public bool Has(string name) => Text(name).Length > 0;

    public string Text(string name) => _values.GetValueOrDefault(name, Of(name).Default).Trim();

    /// <summary>As it is, blanks included: what a password is made of is nobody's business.</summary>
    public string? Verbatim(string name) => _values.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    public void Complain(string problem) => _problems.Add(problem);

    public T Take<T>(string name, Func<string, T?> parse, T fallback)
        where T : class
    {
        var text = Text(name);
        return parse(text) ?? Bad(name, text, fallback);
    }

    public T Take<T>(string name, Func<string, T?> parse)
        where T : struct
    {
        var text = Text(name);
        return parse(text) ?? Bad<T>(name, text, default);
    }

    private Setting Of(string name) => known.Single(s => s.Name == name);

    private T Bad<T>(string name, string text, T fallback)
    {
        _problems.Add($"{Quoted(name, text, MayBeSecret(name, text))} is not {Of(name).Allowed}.");
        return fallback;
    }

    private string Unknown(string name, string value, string where) =>
        $"{Quoted(name, value, MayBeSecret(name, value) || value.Contains("://", StringComparison.Ordinal))}{where} is no setting. Known are: {string.Join(", ", known.Select(s => s.Name))}.";

    private static string Quoted(string name, string value, bool isHidden) => isHidden ? name : $"{name}='{Shown(value)}'";

    /// <summary>A password in the wrong place, a whole connection string where a host belongs: it must not end up in a journal.</summary>
    private static bool MayBeSecret(string name, string value) =>
        new[] { "TOKEN", "SECRET", "PASS", "PWD", "KEY" }.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase))
        || value.StartsWith("ely", StringComparison.Ordinal)
        || value.Contains('@');

    private static string Shown(string value) => value.Length <= 80 ? value : value[..80] + "…";
}
