using System.Net;
using Elysium.Linux;

namespace Elysium.Lab;

/// <summary>
/// One machine of a lab: a network namespace with <c>lo</c> and <c>eth0</c>, and a mount namespace in which <c>/run</c> and
/// <c>/var/lib</c> are its own, so that plain paths look as on a real machine.
/// </summary>
public sealed class LabHost : IDisposable
{
    private readonly NamespaceThread _thread;
    private readonly Action<bool> _setLink;
    private readonly IReadOnlyDictionary<string, string?> _environment;
    private int _commands;

    internal LabHost(string name, IPAddress? address, IPAddress? address6, string folder, NamespaceThread thread, Action<bool> setLink)
    {
        (Name, Address6, Folder) = (name, address6, folder);
        Address = address ?? address6 ?? throw new ArgumentException($"The host {name} has no address.");
        (_thread, _setLink) = (thread, setLink);
        _environment = HostEnvironment.Of(Path.Combine(folder, "home"));
    }

    /// <summary>Its name in the lab.</summary>
    public string Name { get; }

    /// <summary>Its address on the switch: IPv4, unless it has only an IPv6 one.</summary>
    public IPAddress Address { get; }

    /// <summary>Its IPv6 address on the switch; null: it has none.</summary>
    public IPAddress? Address6 { get; }

    /// <summary>Its folder on the real machine.</summary>
    public string Folder { get; }

    /// <summary>Where <c>/var/lib</c> of this host stands on the real machine.</summary>
    public string VarLib => Path.Combine(Folder, "var-lib");

    /// <summary>The logs of its programs, in the order of their starts.</summary>
    public string Logs => Path.Combine(Folder, "logs");

    /// <summary>Runs something on a thread inside the host.</summary>
    public T Run<T>(Func<T> work) => _thread.Run(work);

    /// <summary>Starts a program inside the host.</summary>
    /// <param name="program">A path, or a name on the PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="variables">What its environment has besides; null takes a variable away.</param>
    /// <param name="input">What it reads on standard input.</param>
    /// <param name="cancellationToken">Too late once it is started.</param>
    public Task<HostProcess> StartAsync(
        string program,
        IReadOnlyList<string>? arguments = null,
        IReadOnlyDictionary<string, string?>? variables = null,
        string input = "",
        CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var all = new Dictionary<string, string?>(_environment);
        foreach (var (name, value) in variables ?? new Dictionary<string, string?>())
        {
            all[name] = value;
        }

        var verb = arguments is [var first, ..] && first.All(char.IsAsciiLetterOrDigit) ? $"-{first}" : "";
        var stem = Path.Combine(Logs, $"{Interlocked.Increment(ref _commands):000}-{Path.GetFileName(program)}{verb}");
        return Task.FromResult(_thread.Run(() => HostProcess.Start(program, arguments ?? [], all, input, stem)));
    }

    /// <summary>Runs a program inside the host to its end.</summary>
    /// <exception cref="TimeoutException">It took longer than the limit (30 s by default); it is killed.</exception>
    public async Task<CommandResult> RunAsync(
        string program,
        IReadOnlyList<string>? arguments = null,
        IReadOnlyDictionary<string, string?>? variables = null,
        string input = "",
        TimeSpan? limit = null,
        CancellationToken cancellationToken = default)
    {
        var start = TimeProvider.System.GetTimestamp();
        var process = await StartAsync(program, arguments, variables, input, cancellationToken);
        try
        {
            var code = await process.ExitAsync(limit ?? TimeSpan.FromSeconds(30), cancellationToken);
            return new CommandResult(
                $"{Name}: {process.Command}",
                code,
                File.ReadAllText(process.OutputPath),
                File.ReadAllText(process.ErrorsPath),
                TimeProvider.System.GetElapsedTime(start));
        }
        finally
        {
            process.Signal("KILL");
        }
    }

    /// <summary>The processes inside that have this name (the first 15 characters of the program's), whoever started them.</summary>
    public IReadOnlyList<int> ProcessIds(string program) =>
        [.. Remains.ProcessesIn([_thread.Run(Remains.OwnNamespace)]).Where(id => Remains.NameOf(id) == program)];

    /// <summary>Pulls its cable.</summary>
    public void Disconnect() => _setLink(false);

    /// <summary>Plugs it in again.</summary>
    public void Connect() => _setLink(true);

    /// <inheritdoc/>
    public void Dispose() => _thread.Dispose();
}
