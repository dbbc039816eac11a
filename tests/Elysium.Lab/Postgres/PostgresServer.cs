using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Elysium.Lab.Postgres;

/// <summary>
/// A PostgreSQL server of this process alone, in a folder of its own. It is a real one, with the machine's binaries: it can be stopped, killed and
/// started again on the same data. Disposing it removes everything; what a killed process could not dispose, the next server or lab sweeps.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>The role that may do everything.</summary>
    public const string Administrator = "postgres";

    private const int FixedPort = 5432;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static int Count;

    private readonly PostgresPrograms _programs;
    private readonly PostgresOptions _options;
    private HostProcess? _process;
    private int _commands;

    private PostgresServer(PostgresPrograms programs, PostgresOptions options, string folder, int port)
    {
        (_programs, _options, Folder, Port) = (programs, options, folder, port);
        Address = options.Host?.Address ?? IPAddress.Loopback;
        Password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    }

    /// <summary>Where it listens.</summary>
    public IPAddress Address { get; }

    /// <summary>The port that it listens on, also after another start.</summary>
    public int Port { get; }

    /// <summary>The administrator's password.</summary>
    public string Password { get; }

    /// <summary>Its folder.</summary>
    public string Folder { get; }

    /// <summary>The certificates that it was started with.</summary>
    public PostgresTls? Tls => _options.Tls;

    /// <summary>Whether it runs.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>What it said since its last start.</summary>
    public string Log => _process?.Log ?? "";

    /// <summary>Makes a server and starts it.</summary>
    public static async Task<PostgresServer> CreateAsync(PostgresOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new PostgresOptions();
        await PostgresRemains.SweepAsync();
        var folder = PostgresRemains.FolderOf(Owner.Current, Interlocked.Increment(ref Count));
        var server = new PostgresServer(PostgresPrograms.Find(), options, folder, options.Host is null ? FreePort() : FixedPort);
        try
        {
            await server.MakeAsync(cancellationToken);
            await server.StartAsync(cancellationToken);
            return server;
        }
        catch
        {
            await PostgresRemains.RemoveAsync(folder);
            throw;
        }
    }

    /// <summary>Starts it, on the data that it had, also after it was killed; returns when it takes connections.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (IsRunning)
        {
            throw new InvalidOperationException("The server runs.");
        }

        var (program, arguments) = _programs.AsUser("postgres", ["-D", PostgresRemains.DataOf(Folder)]);
        var stem = Stem("server");
        var environment = PostgresPrograms.EnvironmentOf(stem);
        _process = _options.Host is { } host
            ? await host.StartAsync(program, arguments, environment, cancellationToken: cancellationToken)
            : HostProcess.Start(program, arguments, environment, "", stem);
        await _process.SaysAsync("database system is ready to accept connections", StartLimit, cancellationToken);
    }

    /// <summary>Stops it in good order: every connection is told, and ends.</summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (_process is not { } process)
        {
            return;
        }

        // "Fast" shutdown: TERM would wait for the clients.
        process.Signal("INT");
        await process.ExitAsync(StartLimit, cancellationToken);
    }

    /// <summary>Ends it as a power cut does: SIGKILL for the server and for everything that it started.</summary>
    public async Task KillAsync(CancellationToken cancellationToken = default)
    {
        if (_process is { } process)
        {
            await process.KillAsync(cancellationToken);
        }

        await PostgresRemains.KillAsync(Folder);
    }

    /// <summary>Makes an empty database, or a copy of one that nobody is connected to.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> CreateDatabaseAsync(string name, string owner = Administrator, string? template = null, CancellationToken cancellationToken = default)
    {
        await ExecuteAsync($"CREATE DATABASE \"{name}\" OWNER \"{owner}\" TEMPLATE \"{template ?? "template0"}\"", cancellationToken: cancellationToken);
        return name;
    }

    /// <summary>Removes a database and whoever is connected to it.</summary>
    public Task DropDatabaseAsync(string name, CancellationToken cancellationToken = default) =>
        ExecuteAsync($"DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)", cancellationToken: cancellationToken);

    /// <summary>Makes a role that may log in, and nothing else.</summary>
    public Task CreateRoleAsync(string name, string password, CancellationToken cancellationToken = default) =>
        ExecuteAsync($"CREATE ROLE \"{name}\" LOGIN PASSWORD '{password}'", cancellationToken: cancellationToken);

    /// <summary>Runs SQL, or a script of psql, as the administrator; rows come as lines, columns separated by '|'.</summary>
    /// <exception cref="LabException">It failed; the message has what psql said.</exception>
    public async Task<string> ExecuteAsync(string sql, string database = "postgres", CancellationToken cancellationToken = default) =>
        (await PostgresPrograms.RunAsync(
            _programs.PathOf("psql"),
            ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", Socket, "-p", PortText, "-U", Administrator, "-d", database, "-f", "-"],
            sql + "\n",
            Stem("psql"),
            cancellationToken)).TrimEnd('\n');

    /// <summary>The whole of a database as SQL.</summary>
    public Task<string> DumpAsync(string database, CancellationToken cancellationToken = default) =>
        PostgresPrograms.RunAsync(
            _programs.PathOf("pg_dump"),
            ["-h", Socket, "-p", PortText, "-U", Administrator, "--inserts", "--no-owner", "--no-privileges", database],
            "",
            Stem("dump"),
            cancellationToken);

    /// <summary>What a backend's environment says to use a database of this server.</summary>
    public IReadOnlyDictionary<string, string?> SettingsFor(string database, string user = Administrator, string? password = null) => new Dictionary<string, string?>
    {
        ["DB_HOST"] = Address.ToString(),
        ["DB_PORT"] = PortText,
        ["DB_NAME"] = database,
        ["DB_USER"] = user,
        ["DB_PASSWORD"] = _options.ClientCertificates ? null : password ?? Password,
        ["DB_SSLMODE"] = _options.Tls is null ? "disable" : "verify-full",
        ["DB_SSLROOTCERT"] = _options.Tls?.RootFile,
        ["DB_SSLCERT"] = _options.ClientCertificates ? _options.Tls!.ClientFiles(user).Certificate : null,
        ["DB_SSLKEY"] = _options.ClientCertificates ? _options.Tls!.ClientFiles(user).Key : null,
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync();
        }
        finally
        {
            await PostgresRemains.RemoveAsync(Folder);
        }
    }

    private string Socket => Path.Combine(Folder, "socket");

    private string PortText => Port.ToString(CultureInfo.InvariantCulture);

    private async Task MakeAsync(CancellationToken cancellationToken)
    {
        // Another user passes through to what is its own; passwords stand in the logs' folder.
        const UnixFileMode All = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(Folder, All | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        Directory.CreateDirectory(Path.Combine(Folder, "logs"), All);
        var data = PostgresRemains.DataOf(Folder);
        foreach (var own in (string[])[data, Socket])
        {
            Directory.CreateDirectory(own);
            await _programs.GiveAsync(own, Stem("chown"), cancellationToken);
        }

        var (program, arguments) = _programs.AsUser("initdb", ["-D", data, "-U", Administrator, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync", "--no-instructions"]);
        await PostgresPrograms.RunAsync(program, arguments, "", Stem("initdb"), cancellationToken);

        // The administrator comes in by the socket, which stands in a folder of its user's; everybody else proves who it is.
        var host = _options.Tls is null ? "host" : "hostssl";
        var method = _options.ClientCertificates ? "cert" : "scram-sha-256";
        await File.WriteAllTextAsync(Path.Combine(data, "pg_hba.conf"), $"local all all trust\n{host} all all all {method}\n", cancellationToken);
        await File.AppendAllTextAsync(Path.Combine(data, "postgresql.conf"), await SettingsAsync(cancellationToken), cancellationToken);
        await SetPasswordAsync(data, cancellationToken);
    }

    private async Task<string> SettingsAsync(CancellationToken cancellationToken)
    {
        var settings = new Dictionary<string, string>
        {
            ["listen_addresses"] = Address.ToString(),
            ["port"] = PortText,
            ["unix_socket_directories"] = Socket,
            ["fsync"] = _options.Durable ? "on" : "off",
            ["max_connections"] = "100",
            ["shared_buffers"] = "64MB",
            ["dynamic_shared_memory_type"] = "mmap", // In its folder, not in /dev/shm, where it would stay after a kill.
            ["logging_collector"] = "off",
            ["log_line_prefix"] = "%m [%p] %q%u@%d ",
        };
        if (_options.Tls is { } tls)
        {
            tls.Write(Folder, Address);
            foreach (var (setting, file) in (IEnumerable<(string, string)>)[("ssl_cert_file", tls.ServerFile), ("ssl_key_file", tls.ServerKeyFile), ("ssl_ca_file", tls.RootFile)])
            {
                settings[setting] = file;
            }

            settings["ssl"] = "on";
            await _programs.GiveAsync(tls.ServerKeyFile, Stem("chown"), cancellationToken);
        }

        foreach (var (name, value) in _options.Settings)
        {
            settings[name] = value;
        }

        return string.Concat(settings.Select(static s => $"{s.Key} = '{s.Value}'\n"));
    }

    /// <summary>In a server for itself, before the real one: there is no moment in which it takes connections without it.</summary>
    private async Task SetPasswordAsync(string data, CancellationToken cancellationToken)
    {
        var (program, arguments) = _programs.AsUser("postgres", ["--single", "-D", data, "postgres"]);
        await PostgresPrograms.RunAsync(program, arguments, $"ALTER ROLE {Administrator} PASSWORD '{Password}'\n", Stem("password"), cancellationToken);
    }

    private string Stem(string what) =>
        Path.Combine(Folder, "logs", string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Increment(ref _commands):0000}-{what}"));

    /// <summary>Below the ports that the kernel gives to clients, so that nobody has it when the server starts again.</summary>
    private static int FreePort()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(20_000, 32_000);
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Taken: another.
            }
        }
    }
}
