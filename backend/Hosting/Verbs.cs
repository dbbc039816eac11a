using Elysium.Backend.Database;

namespace Elysium.Backend.Hosting;

/// <summary>The command line: one verb, no options; settings come from the environment and <c>.env</c>.</summary>
internal static class Verbs
{
    public const int Failed = 1;
    public const int Usage = 2;

    private const string Help = """
        elysium-backend: the control plane and hub of an Elysium installation.

        Usage: elysium-backend [serve]      run in the foreground until Ctrl-C or SIGTERM
               elysium-backend admin-token  print the first admin's API token (made at the first start)
               elysium-backend down         remove the hub's interfaces; networks and peers stay
               elysium-backend migrate      bring the database's schema to this version, and end
               elysium-backend export FILE  write all that the database holds into a new file; the backend may run
               elysium-backend import FILE  take an exported file into an empty database, SQLite or PostgreSQL
               elysium-backend reseal       seal every private key in the database with the first key of the sealing
                                            key file; backends may run, if all of them have that key and the old one
               elysium-backend sealing-key  print a new random line for the sealing key file
               elysium-backend --version | --help

        Settings come from the environment and from .env in the working directory; the environment wins.
        .env.example explains each: 
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        switch (args)
        {
            case ["--version"]:
                Console.WriteLine(HealthEndpoints.Version);
                return 0;
            case ["sealing-key"]:
                Console.WriteLine(SealingKey.NewLine());
                return 0;
            case ["--help" or "-h" or "help"]:
                Console.Write(Help);
                Console.WriteLine(string.Join(", ", Settings.All.Select(s => s.Name)) + ".");
                return 0;
            case [] or ["serve"] or ["admin-token"] or ["down"] or ["migrate"] or ["reseal"] or ["export" or "import", not ("" or ['-', ..])]:
                break;
            case ["export" or "import", ..]:
                Console.Error.WriteLine($"elysium-backend: '{args[0]}' takes one file: elysium-backend {args[0]} FILE");
                return Usage;
            default:
                Console.Error.WriteLine($"elysium-backend: '{string.Join(' ', args)}' is no command. 'elysium-backend --help' lists them.");
                return Usage;
        }

        var (options, problems) = Settings.Read();
        if (options is null)
        {
            Console.Error.WriteLine($"elysium-backend: {problems.Count} {(problems.Count == 1 ? "setting cannot" : "settings cannot")} be used:");
            foreach (var problem in problems)
            {
                Console.Error.WriteLine($"  {problem}");
            }

            return Usage;
        }

        return args switch
        {
            ["admin-token"] => PrintAdminToken(options),
            ["export", var file] => await ExportCommand.RunAsync(options, file, TimeProvider.System),
            ["import", var file] => await ImportCommand.RunAsync(options, file, TimeProvider.System),
            ["reseal"] => await ResealCommand.RunAsync(options, TimeProvider.System),
            ["down"] => DownCommand.Run(options, TimeProvider.System),
            ["migrate"] => await MigrateCommand.RunAsync(options, TimeProvider.System),
            _ => await ServeCommand.RunAsync(options, TimeProvider.System),
        };
    }

    public static int Fail(string message)
    {
        Console.Error.WriteLine($"elysium-backend: {message}");
        return Failed;
    }

    private static int PrintAdminToken(BackendOptions options)
    {
        var path = DataDirectory.AdminTokenIn(options.DataDirectory);
        try
        {
            Console.WriteLine(File.ReadAllText(path).TrimEnd());
            return 0;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Fail(
                $"There is no {path}. The first backend of an installation makes the token at its first start, in its own data folder: "
                + "run this on that machine, or set ELYSIUM_DATA_DIR to that folder.");
        }
        catch (UnauthorizedAccessException)
        {
            return Fail($"{path} can only be read by the user that runs the backend.");
        }
    }
}
