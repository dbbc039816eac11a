using System.Diagnostics;
using System.Globalization;

namespace Elysium.Lab;

/// <summary>
/// A program that runs on a host, in a session of its own and with its output in files: it never waits for, or dies with, whoever
/// started it.
/// </summary>
public sealed class HostProcess
{
    private readonly Process _process;

    private HostProcess(Process process, string command, string outputPath, string errorsPath)
    {
        _process = process;
        Command = command;
        OutputPath = outputPath;
        ErrorsPath = errorsPath;
    }

    /// <summary>The command, for messages.</summary>
    public string Command { get; }

    /// <summary>The file with its standard output.</summary>
    public string OutputPath { get; }

    /// <summary>The file with its standard error.</summary>
    public string ErrorsPath { get; }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>All that it has said so far: its output, then its errors.</summary>
    public string Log => File.ReadAllText(OutputPath) + File.ReadAllText(ErrorsPath);

    /// <summary>Waits until its log has a text.</summary>
    /// <exception cref="LabException">It ended first.</exception>
    /// <exception cref="TimeoutException">It did not say so in time.</exception>
    public async Task SaysAsync(string text, TimeSpan within, CancellationToken cancellationToken = default)
    {
        try
        {
            await Eventually.HoldsAsync(
                $"'{Command}' says '{text}'",
                within,
                () =>
                {
                    // In this order: what it said last must not be missed.
                    var ended = HasExited;
                    var said = Log.Contains(text, StringComparison.Ordinal);
                    return said || !ended
                        ? Task.FromResult(said)
                        : throw new LabException($"'{Command}' ended with {_process.ExitCode} before it said '{text}'.\n{Log}");
                },
                cancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message} It said:\n{Log}", exception);
        }
    }

    /// <summary>Sends a signal, such as <c>TERM</c>, <c>INT</c> or <c>KILL</c>; nothing happens if it has ended.</summary>
    public void Signal(string name)
    {
        if (HasExited)
        {
            return;
        }

        // The shell's own kill: a package with the program is not on every machine, and a process cannot end twice.
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{name} {Id} 2>/dev/null || true"]);
        kill.WaitForExit();
    }

    /// <summary>Ends it with SIGKILL, and waits until it is gone.</summary>
    public async Task KillAsync(CancellationToken cancellationToken = default)
    {
        Signal("KILL");
        await _process.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Asks it to end with SIGTERM, and waits until it is gone; its exit code.</summary>
    public Task<int> StopAsync(TimeSpan within, CancellationToken cancellationToken = default)
    {
        Signal("TERM");
        return ExitAsync(within, cancellationToken);
    }

    /// <summary>Waits until it has ended by itself; its exit code.</summary>
    /// <exception cref="TimeoutException">It still runs.</exception>
    public async Task<int> ExitAsync(TimeSpan within, CancellationToken cancellationToken = default)
    {
        using var deadline = new CancellationTokenSource(within, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await _process.WaitForExitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"'{Command}' still runs after {within.TotalSeconds:0.#} s. It said:\n{Log}");
        }

        return _process.ExitCode;
    }

    /// <summary>Starts a program on the calling thread, whose namespaces it gets.</summary>
    internal static HostProcess Start(
        string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?> environment, string input, string logStem)
    {
        var (outputPath, errorsPath, inputPath) = (logStem + ".out", logStem + ".err", logStem + ".in");
        File.WriteAllText(inputPath, input);
        File.WriteAllText(outputPath, "");
        File.WriteAllText(errorsPath, "");

        // .NET redirects to pipes only, and a pipe kills its writer when its reader is gone. The shell and setsid replace themselves,
        // so that the process id is the program's.
        var start = new ProcessStartInfo("/bin/sh")
        {
            ArgumentList = { "-c", """in=$1 out=$2 err=$3; shift 3; exec setsid -- "$@" <"$in" >"$out" 2>"$err" """, "sh", inputPath, outputPath, errorsPath, program },
            WorkingDirectory = "/",
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new LabException($"'{program}' was not started.");
        return new HostProcess(process, string.Join(' ', [Path.GetFileName(program), .. arguments.Select(Shown)]), outputPath, errorsPath);
    }

    // A join code is a secret, also in a test's output.
    private static string Shown(string argument) =>
        argument.StartsWith("ely", StringComparison.Ordinal) && argument.Length > 24
            ? string.Create(CultureInfo.InvariantCulture, $"{argument.AsSpan(0, 5)}…")
            : argument;
}
