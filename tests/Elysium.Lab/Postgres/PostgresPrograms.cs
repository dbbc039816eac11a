using System.Globalization;

namespace Elysium.Lab.Postgres;

/// <summary>The server's programs as Debian and Ubuntu install them, and the user that runs them: PostgreSQL refuses root.</summary>
internal sealed record PostgresPrograms(string Folder, string User, string Group)
{
    private const string Versions = "/usr/lib/postgresql";
    private const int Oldest = 15;

    /// <summary>The newest version on this machine.</summary>
    /// <exception cref="LabException">There is none that is new enough.</exception>
    public static PostgresPrograms Find()
    {
        var newest = (Directory.Exists(Versions) ? Directory.EnumerateDirectories(Versions) : [])
            .Where(folder => File.Exists(Path.Combine(folder, "bin", "initdb")) && File.Exists(Path.Combine(folder, "bin", "postgres")))
            .Select(static folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0)
            .DefaultIfEmpty()
            .Max();
        if (newest < Oldest)
        {
            throw new LabException(
                $"There is no PostgreSQL {Oldest} or later in {Versions}: install Debian's or Ubuntu's package 'postgresql', as scripts/test.sh does.");
        }

        var (user, group) = Account();
        return new PostgresPrograms(Path.Combine(Versions, newest.ToString(CultureInfo.InvariantCulture), "bin"), user, group);
    }

    public string PathOf(string program) => Path.Combine(Folder, program);

    /// <summary>A command line that runs one of the programs as that user; as root setpriv replaces itself, so the process id is the program's.</summary>
    public (string Program, IReadOnlyList<string> Arguments) AsUser(string program, IReadOnlyList<string> arguments) =>
        Environment.IsPrivilegedProcess
            ? ("setpriv", [$"--reuid={User}", $"--regid={Group}", "--clear-groups", "--", PathOf(program), .. arguments])
            : (PathOf(program), arguments);

    /// <summary>Gives a file or folder to that user, who alone may read it.</summary>
    public async Task GiveAsync(string path, string logStem, CancellationToken cancellationToken)
    {
        var isFolder = Directory.Exists(path);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | (isFolder ? UnixFileMode.UserExecute : UnixFileMode.None));
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", [$"{User}:{Group}", path], "", logStem, cancellationToken);
        }
    }

    /// <summary>Runs a program to its end in this process's namespaces; its output.</summary>
    /// <exception cref="LabException">It failed.</exception>
    public static async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, string input, string logStem, CancellationToken cancellationToken)
    {
        var process = HostProcess.Start(program, arguments, EnvironmentOf(logStem), input, logStem);
        try
        {
            var code = await process.ExitAsync(TimeSpan.FromSeconds(60), cancellationToken);
            return code == 0 ? File.ReadAllText(process.OutputPath) : throw new LabException($"'{process.Command}' ended with {code}.\n{process.Log}");
        }
        finally
        {
            process.Signal("KILL");
        }
    }

    /// <summary>No setting of whoever runs the tests reaches libpq or the server.</summary>
    public static IReadOnlyDictionary<string, string?> EnvironmentOf(string home)
    {
        var changes = new Dictionary<string, string?> { ["LC_ALL"] = "C", ["HOME"] = Path.GetDirectoryName(home) };
        foreach (string name in Environment.GetEnvironmentVariables().Keys)
        {
            if (name.StartsWith("PG", StringComparison.Ordinal))
            {
                changes[name] = null;
            }
        }

        return changes;
    }

    // "name:password:uid:gid:…" (passwd(5)).
    private static (string User, string Group) Account()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return (Environment.UserName, "");
        }

        var accounts = File.ReadLines("/etc/passwd").Select(static line => line.Split(':')).Where(static fields => fields.Length > 3).ToList();
        var account = accounts.Find(static fields => fields[0] == "postgres") ?? accounts.Find(static fields => fields[0] == "nobody")
            ?? throw new LabException("/etc/passwd has neither 'postgres' nor 'nobody', and PostgreSQL does not run as root.");
        return (account[2], account[3]);
    }
}
